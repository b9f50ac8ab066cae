import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import { pagesOf } from '../../model/pages.ts';
import { Type } from '../../model/schema.ts';
import type { Server } from '../../model/server.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { BooleanSchema, FqdnSchema, LimitSchema, parseBoolean } from './field-schemas.ts';
import { stateOf } from './host-state.ts';
import { factsOf } from './host-usage.ts';
import { hypervisorOf, hypervisorsLike, pageOfHosts } from './hypervisor-search.ts';
import {
  briefHypervisor,
  briefHypervisors,
  hypervisorStatistics,
  hypervisorUptime,
  oneHypervisor,
  serversWord,
  statistics,
  wholeHypervisor,
  wholeHypervisors,
} from './hypervisor-view.ts';
import { nextLinks } from './links.ts';
import { closedQuery } from './strict-query.ts';
import { uptimeText } from './uptime.ts';

const POLICY = 'os_compute_api:os-hypervisors';
const Params = Type.Object({ hypervisor_id: Type.String() });
const PageQuery = Type.Object({ limit: Type.Optional(LimitSchema), marker: Type.Optional(Type.String()) });
const WithServers = { with_servers: Type.Optional(BooleanSchema) };
const NewQuery = Type.Object({
  ...PageQuery.properties,
  ...WithServers,
  hypervisor_hostname_pattern: Type.Optional(FqdnSchema),
});
type Query = Partial<Static<typeof NewQuery>>;
const strict = <Q extends ReturnType<typeof Type.Object>>(query: Q) =>
  closedQuery({ schemas: { query } }) as Q;

/** Views of hypervisors; `servers` adds their servers. */
async function viewed(
  context: RequestContext,
  hosts: readonly ComputeHost[],
  of: { detail: boolean; servers: boolean },
) {
  const { parts, version } = context;
  const facts = of.detail
    ? (await factsOf(hosts, parts)).map((one) => wholeHypervisor(one, version))
    : hosts.map((host) => briefHypervisor({ host, state: stateOf(host, parts) }, version));
  const servers = of.servers ? await Promise.all(hosts.map((host) => serversOn(parts, host))) : [];
  return facts.map((view, index) => ({ ...view, ...serversWord(servers[index] ?? null, version) }));
}

/** All servers of a host, read in pages. */
async function serversOn({ store, config }: ApiDependencies, host: ComputeHost): Promise<Server[]> {
  const servers: Server[] = [];
  const on = { host: host.name };
  for await (const some of pagesOf((page) => store.servers.list(on, page), config.api.max_limit))
    servers.push(...some);
  return servers;
}

/** All hosts (up to 2.32), a page of them (2.33), or those that match a pattern (2.53). */
async function list(context: RequestContext<unknown, Query>, of: { detail: boolean; path: string }) {
  const { version, parts, query, base } = context;
  const pattern = version >= 53 ? query.hypervisor_hostname_pattern : undefined;
  const servers = version >= 53 && parseBoolean(query.with_servers ?? false);
  const form = { detail: of.detail, servers };
  if (pattern !== undefined) {
    if (query.limit !== undefined || (query.marker ?? '') !== '')
      throw new Failure(
        'invalid',
        'Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.',
      );
    return { hypervisors: await viewed(context, await hypervisorsLike(parts.store, pattern), form) };
  }
  const paged = version >= 33;
  const page = {
    limit: paged ? query.limit : undefined,
    marker: paged ? query.marker : undefined,
    most: paged ? parts.config.api.max_limit : Number.MAX_SAFE_INTEGER,
  };
  const { hosts, limit } = await pageOfHosts(parts.store, page, version);
  const hypervisors = await viewed(context, hosts, form);
  const links = nextLinks(
    { base, path: of.path, query },
    { limit, count: hosts.length, lastId: hypervisors.at(-1)?.id.toString() },
  );
  return { hypervisors, ...(links && { hypervisors_links: links }) };
}

function listRoutes(of: { path: string; detail: boolean; rule: string; summary: string }): Route[] {
  const common = {
    method: 'GET',
    path: `/${of.path}`,
    access: 'admin',
    policy: `${POLICY}:${of.rule}`,
    summary: of.summary,
    response: of.detail ? wholeHypervisors : briefHypervisors,
    status: 200,
    handle: (context: RequestContext) => list(context as RequestContext<unknown, Query>, of),
  } as const;
  return [
    route({ ...common, until: '2.32' }),
    route({ ...common, since: '2.33', until: '2.52', schemas: { query: PageQuery } }),
    route({ ...common, since: '2.53', schemas: { query: strict(NewQuery) } }),
  ];
}

const showRoute = {
  method: 'GET',
  path: '/os-hypervisors/:hypervisor_id',
  access: 'admin',
  policy: `${POLICY}:show`,
  summary: 'Show a hypervisor',
  response: oneHypervisor,
  status: 200,
} as const;

async function show(context: RequestContext<{ hypervisor_id: string }>, servers: boolean) {
  const host = await hypervisorOf(context.parts.store, context.params.hypervisor_id, context.version);
  const [hypervisor] = await viewed(context, [host], { detail: true, servers });
  return { hypervisor };
}

/** https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors */
export const hypervisorRoutes: Route[] = [
  ...listRoutes({ path: 'os-hypervisors', detail: false, rule: 'list', summary: 'List hypervisors' }),
  ...listRoutes({
    path: 'os-hypervisors/detail',
    detail: true,
    rule: 'list-detail',
    summary: 'List hypervisors in detail',
  }),
  route({
    method: 'GET',
    path: '/os-hypervisors/statistics',
    until: '2.87',
    access: 'admin',
    policy: `${POLICY}:statistics`,
    summary: 'Sums over all hypervisors',
    status: 200,
    response: hypervisorStatistics,
    handle: async ({ parts }) => {
      return { hypervisor_statistics: statistics(await factsOf(await parts.store.hosts.list(), parts)) };
    },
  }),
  route({
    ...showRoute,
    until: '2.52',
    schemas: { params: Params },
    handle: (context) => show(context, false),
  }),
  route({
    ...showRoute,
    since: '2.53',
    schemas: { params: Params, query: strict(Type.Object(WithServers)) },
    handle: (context) => show(context, parseBoolean((context.query as Query).with_servers ?? false)),
  }),
  route({
    method: 'GET',
    path: '/os-hypervisors/:hypervisor_id/uptime',
    until: '2.87',
    access: 'admin',
    policy: `${POLICY}:uptime`,
    summary: "Show how long a hypervisor's host has been up",
    schemas: { params: Params },
    status: 200,
    response: hypervisorUptime,
    handle: async (context) => {
      const host = await hypervisorOf(context.parts.store, context.params.hypervisor_id, context.version);
      const facts = { host, state: stateOf(host, context.parts) };
      const uptime = host.uptime === undefined ? null : uptimeText(host.uptime, context.parts.now());
      if (uptime === null || facts.state === 'down')
        throw new Failure('invalid', `Compute service of ${host.name} is unavailable at this time.`);
      return { hypervisor: { ...briefHypervisor(facts, context.version), uptime } };
    },
  }),
  ...(['search', 'servers'] as const).map((word) =>
    route({
      method: 'GET',
      path: `/os-hypervisors/:hypervisor_id/${word}`,
      until: '2.52',
      access: 'admin',
      policy: `${POLICY}:${word}`,
      summary:
        word === 'search'
          ? 'List hypervisors by a part of their name'
          : 'List hypervisors by a part of their name, with their servers',
      schemas: { params: Params },
      status: 200,
      response: briefHypervisors,
      handle: async (context) => {
        const hosts = await hypervisorsLike(context.parts.store, context.params.hypervisor_id);
        return { hypervisors: await viewed(context, hosts, { detail: false, servers: word === 'servers' }) };
      },
    }),
  ),
];
