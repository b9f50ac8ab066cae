import { Failure } from '../../model/failure.ts';
import type { HostName, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { MigrationType } from '../../model/migration.ts';
import { Type } from '../../model/schema.ts';
import type { MigrationFilter } from '../../store/promise/migrations.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Microversion } from '../http/microversion.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { LimitSchema, MAX_INT } from './field-schemas.ts';
import { nextLinks } from './links.ts';
import { type HostsByName, migrationList, migrationView } from './migration-view.ts';
import { requestedPage } from './paging.ts';
import { closedQuery } from './strict-query.ts';
import { requestedTime } from './times.ts';

const text = Type.Optional(Type.String());
const oldest = {
  hidden: text,
  host: text,
  instance_uuid: text,
  source_compute: text,
  status: text,
  migration_type: text,
};
const time = Type.Optional(Type.String({ format: 'date-time' }));
const paged = { ...oldest, limit: Type.Optional(LimitSchema), marker: text, 'changes-since': time };
const bounded = { ...paged, 'changes-before': time };
const owned = { ...bounded, user_id: text, project_id: text };
const strict = (words: Parameters<typeof Type.Object>[0]) =>
  closedQuery({ schemas: { query: Type.Object(words) } });

type Query = Partial<Record<keyof typeof owned, string>>;

/** Every host by name. */
export async function hostsByName(store: Queries): Promise<HostsByName> {
  return new Map((await store.hosts.list()).map((host) => [host.name, host]));
}

/**
 * The filters of a list. Parameters that the microversion does not have are ignored, as in Nova.
 * @throws {Failure} `invalid`
 */
function filterOf(query: Query, version: Microversion): MigrationFilter {
  const since = version >= 59 ? timeOf(query['changes-since']) : undefined;
  const before = version >= 66 ? timeOf(query['changes-before']) : undefined;
  if (since !== undefined && before !== undefined && before < since)
    throw new Failure('invalid', 'The value of changes-since must be less than or equal to changes-before.');
  const { host, instance_uuid: server, source_compute: source, status, migration_type: type } = query;
  return {
    ...(host !== undefined && { host: host as HostName }),
    ...(server !== undefined && { serverId: server.toLowerCase() as ServerId }),
    ...(source !== undefined && { sourceHost: source as HostName }),
    ...(status !== undefined && { status }),
    ...(type !== undefined && { type: type as MigrationType }),
    ...(query.hidden !== undefined && { hidden: !['0', 'false', ''].includes(query.hidden.toLowerCase()) }),
    ...(since !== undefined && { changedSince: since }),
    ...(before !== undefined && { changedBefore: before }),
    ...(version >= 80 && query.user_id !== undefined && { userId: query.user_id as UserId }),
    ...(version >= 80 && query.project_id !== undefined && { projectId: query.project_id as ProjectId }),
  };
}

function timeOf(word: string | undefined): number | undefined {
  return word === undefined ? undefined : requestedTime(word);
}

async function list(context: RequestContext<unknown, Query>): Promise<object> {
  const { parts, query, version, base } = context;
  const page = version >= 59 ? requestedPage(query, parts.config.api.max_limit) : { limit: MAX_INT };
  const [found, hosts] = await Promise.all([
    parts.store.migrations.list(filterOf(query, version), page),
    hostsByName(parts.store),
  ]);
  const links =
    version >= 59
      ? nextLinks(
          { base, path: 'os-migrations', query },
          { limit: page.limit, count: found.length, lastId: found.at(-1)?.uuid },
        )
      : undefined;
  return {
    migrations: found.map((migration) => migrationView(migration, { version, base, hosts })),
    ...(links && { migrations_links: links }),
  };
}

const common = {
  method: 'GET',
  path: '/os-migrations',
  access: 'admin',
  policy: 'os_compute_api:os-migrations:index',
  summary: 'List migrations of all servers, newest first',
  status: 200,
  response: migrationList,
  handle: (context: RequestContext) => list(context as RequestContext<unknown, Query>),
} as const;

/**
 * https://docs.openstack.org/api-ref/compute/#migrations-os-migrations; 2.59, 2.66 and 2.80 add parameters.
 */
export const migrationRoutes: Route[] = [
  route({ ...common, until: '2.58', schemas: { query: Type.Object(oldest) } }),
  route({ ...common, since: '2.59', until: '2.65', schemas: { query: strict(paged) } }),
  route({ ...common, since: '2.66', until: '2.79', schemas: { query: strict(bounded) } }),
  route({ ...common, since: '2.80', schemas: { query: strict(owned) } }),
];
