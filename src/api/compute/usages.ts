import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import { pagesOf } from '../../model/pages.ts';
import { Type } from '../../model/schema.ts';
import type { Server } from '../../model/server.ts';
import type { ServerFilter } from '../../store/promise/servers.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { LimitSchema } from './field-schemas.ts';
import { nextLinks } from './links.ts';
import { requestedPage } from './paging.ts';
import { requireSameProject } from './policy.ts';
import { strictFrom275 } from './strict-query.ts';
import { type Period, periodOf } from './usage-period.ts';
import { oneUsage, projectUsage, serverUsage, usageList } from './usage-view.ts';

const POLICY = 'os_compute_api:os-simple-tenant-usage';
const text = Type.Optional(Type.String());
const Query = Type.Object({
  start: text,
  end: text,
  detailed: text,
  limit: Type.Optional(LimitSchema),
  marker: text,
});
type Query = Static<typeof Query>;

/** Rows read at once. */
const CHUNK = 1000;

/**
 * The servers that were launched and existed in the period, sorted by id for paging (nova/db/main/api.py
 * instance_get_active_by_window_joined).
 */
async function serversIn(store: Queries, period: Period, project: ProjectId | undefined): Promise<Server[]> {
  const of = project === undefined ? {} : { projectId: project };
  const living = await everyOne(store, of);
  const gone = await everyOne(store, { ...of, deleted: true, changedSince: period.start });
  const there = [...living, ...gone].filter(
    ({ launchedAt, terminatedAt }) =>
      launchedAt !== null &&
      launchedAt <= period.stop &&
      (terminatedAt === null || terminatedAt >= period.start),
  );
  return there.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function everyOne(store: Queries, filter: ServerFilter): Promise<Server[]> {
  const all: Server[] = [];
  for await (const chunk of pagesOf((page) => store.servers.list(filter, page), CHUNK)) all.push(...chunk);
  return all;
}

/** From 2.40 the servers of the answer are paged. */
async function usages(
  context: RequestContext<unknown, Query>,
  of: { project?: ProjectId; detailed: boolean; path: string },
) {
  const { parts, query, version, base } = context;
  const now = parts.now();
  const period = periodOf(query, now);
  const all = await serversIn(parts.store, period, of.project);
  const paged = version >= 40;
  const { limit, marker } = requestedPage(paged ? query : {}, parts.config.api.max_limit);
  const page = after(all, marker).slice(0, limit);
  const each = page.map((server) => serverUsage(server, period, now));
  const byProject = Map.groupBy(each, (one) => one.tenant_id);
  const links = paged
    ? nextLinks({ base, path: of.path, query }, { limit, count: page.length, lastId: page.at(-1)?.id })
    : undefined;
  return { projects: [...byProject.values()].map((some) => projectUsage(some, period, of)), links };
}

function after(servers: readonly Server[], marker: string | undefined): readonly Server[] {
  if (marker === undefined) return servers;
  const at = servers.findIndex(({ id }) => id === marker);
  if (at === -1) throw new Failure('invalid', `Marker ${marker} could not be found.`);
  return servers.slice(at + 1);
}

/** https://docs.openstack.org/api-ref/compute/#usage-reports-os-simple-tenant-usage */
export const usageRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-simple-tenant-usage',
      access: 'admin',
      policy: `${POLICY}:list`,
      summary: 'What every project has used in a period',
      schemas: { query: Query },
      status: 200,
      response: usageList,
      handle: async (context) => {
        const detailed = context.query.detailed === '1';
        const { projects, links } = await usages(context, { detailed, path: 'os-simple-tenant-usage' });
        return { tenant_usages: projects, ...(links && { tenant_usages_links: links }) };
      },
    }),
  ),
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-simple-tenant-usage/:project_id',
      access: 'reader',
      policy: `${POLICY}:show`,
      summary: 'What a project has used in a period',
      schemas: { params: Type.Object({ project_id: Type.String() }), query: Query },
      status: 200,
      response: oneUsage,
      handle: async (context) => {
        const project = context.params.project_id as ProjectId;
        requireSameProject(context.caller, project, `${POLICY}:show`);
        const path = `os-simple-tenant-usage/${encodeURIComponent(project)}`;
        const { projects, links } = await usages(context, { project, detailed: true, path });
        return { tenant_usage: projects[0] ?? {}, ...(links && { tenant_usage_links: links }) };
      },
    }),
  ),
];
