import { Failure } from '../../../model/failure.ts';
import type { Migration, MigrationStatus } from '../../../model/migration.ts';
import { Type } from '../../../model/schema.ts';
import type { Server } from '../../../model/server.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { MAX_INT } from '../field-schemas.ts';
import { IN_PROGRESS, oneServerMigration, serverMigrations, serverMigrationView } from '../migration-view.ts';
import { hostsByName } from '../migrations.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer, requesterOf } from './found-server.ts';

const Params = Type.Object({ server_id: Type.String(), migration_id: Type.String() });
type Params = { server_id: string; migration_id: string };
const ForceComplete = Type.Object({ force_complete: Type.Null() }, { additionalProperties: false });

const rule = (name: string) => `os_compute_api:servers:migrations:${name}`;
const one = '/servers/:server_id/migrations/:migration_id';
const MANY = 1000;

/** The server's migration with that number, or undefined. Clients use the number also from 2.59 on. */
async function migrationOf(context: RequestContext<Params>, server: Server): Promise<Migration | undefined> {
  const { migration_id: text } = context.params;
  if (!/^\d+$/.test(text) || Number(text) > MAX_INT) return undefined;
  const migration = await context.parts.store.migrations.find(Number(text));
  return migration?.serverId === server.id ? migration : undefined;
}

/** @throws {Failure} `not-found`, with one of Nova's three texts */
async function shown(context: RequestContext<Params>): Promise<object> {
  const { migration_id: number } = context.params;
  const server = await foundServer(context, context.params.server_id);
  const migration = await migrationOf(context, server);
  const { id } = server;
  if (migration === undefined)
    throw new Failure('not-found', `In-progress live migration ${number} is not found for server ${id}.`);
  if (migration.type !== 'live-migration')
    throw new Failure('not-found', `Migration ${number} for server ${id} is not live-migration.`);
  if (!IN_PROGRESS.includes(migration.status))
    throw new Failure('not-found', `Live migration ${number} for server ${id} is not in progress.`);
  const hosts = await hostsByName(context.parts.store);
  return { migration: serverMigrationView(migration, { version: context.version, hosts }) };
}

/** A request about a live migration in progress. */
interface LiveMigrationRequest {
  /** The name of the action in Nova's refusals. */
  readonly spoken: string;
  readonly method: string;
  readonly statuses: readonly MigrationStatus[];
  /** The kind of Nova's failure for an unknown migration. */
  readonly absent: 'invalid' | 'not-found';
}

/**
 * The server and its live migration, if their states allow the request (nova/compute/api.py
 * live_migrate_abort, live_migrate_force_complete). The operation checks again in its own transaction; this
 * check has Nova's texts.
 * @throws {Failure} `conflict` while the server is not migrating, `invalid`, `not-found`
 */
async function underWay(
  context: RequestContext<Params>,
  wish: LiveMigrationRequest,
): Promise<{ server: Server; migration: Migration }> {
  const server = await foundServer(context, context.params.server_id);
  const { id, taskState } = server;
  const { spoken, method, statuses, absent } = wish;
  if (taskState === null)
    throw new Failure('conflict', `Instance ${id} is in an invalid state for '${spoken}'`);
  if (taskState !== 'migrating')
    throw new Failure('conflict', `Cannot '${spoken}' instance ${id} while it is in task_state ${taskState}`);
  const migration = await migrationOf(context, server);
  if (migration === undefined)
    throw new Failure(absent, `Migration ${context.params.migration_id} not found for instance ${id}`);
  const { number, status } = migration;
  if (migration.type !== 'live-migration' || !statuses.includes(status))
    throw new Failure(
      'invalid',
      `Migration ${number} state of instance ${id} is ${status}. Cannot ${method} while the migration is in this state.`,
    );
  return { server, migration };
}

const abort = {
  spoken: 'abort live migration',
  method: 'abort live migration',
  absent: 'not-found',
} as const;
const abortRoute = {
  method: 'DELETE',
  path: one,
  access: 'admin',
  policy: rule('delete'),
  schemas: { params: Params },
  status: 202,
  response: 'nothing',
} as const;

async function aborted(context: RequestContext<Params>, statuses: readonly MigrationStatus[]): Promise<void> {
  const { server, migration } = await underWay(context, { ...abort, statuses });
  await context.parts.operations.abortLiveMigration(server, migration.number, requesterOf(context));
}

/**
 * A server's live migrations
 * (https://docs.openstack.org/api-ref/compute/#server-migrations-servers-migrations).
 */
export const liveMigrationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/migrations',
    since: '2.23',
    access: 'admin',
    policy: rule('index'),
    summary: "List a server's live migrations that are in progress",
    schemas: { params: ServerParams },
    status: 200,
    response: serverMigrations,
    async handle(context) {
      const { store } = context.parts;
      const { id: serverId } = await foundServer(context, context.params.server_id);
      const filter = { serverId, type: 'live-migration', statuses: IN_PROGRESS } as const;
      const found = await store.migrations.list(filter, { limit: MANY });
      const viewing = { version: context.version, hosts: await hostsByName(store) };
      return { migrations: found.map((migration) => serverMigrationView(migration, viewing)) };
    },
  }),
  route({
    method: 'GET',
    path: one,
    since: '2.23',
    access: 'admin',
    policy: rule('show'),
    summary: 'Show a live migration that is in progress',
    schemas: { params: Params },
    status: 200,
    response: oneServerMigration,
    handle: shown,
  }),
  route({
    ...abortRoute,
    since: '2.24',
    until: '2.64',
    summary: 'Abort a live migration that runs',
    handle: (context) => aborted(context, ['running']),
  }),
  route({
    ...abortRoute,
    since: '2.65',
    summary: 'Abort a live migration that runs or is about to',
    handle: (context) => aborted(context, ['accepted', 'queued', 'preparing', 'running']),
  }),
  route({
    method: 'POST',
    path: `${one}/action`,
    action: 'force_complete',
    since: '2.22',
    access: 'admin',
    policy: rule('force_complete'),
    summary: 'Pause the guest so that its live migration ends',
    schemas: { params: Params, body: ForceComplete },
    status: 202,
    response: 'nothing',
    async handle(context) {
      const { server, migration } = await underWay(context, {
        spoken: 'force_complete',
        method: 'force complete',
        statuses: ['running'],
        absent: 'invalid',
      });
      await context.parts.operations.forceCompleteLiveMigration(
        server,
        migration.number,
        requesterOf(context),
      );
    },
  }),
];
