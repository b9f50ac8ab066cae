import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import { pagesOf } from '../../model/pages.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type Route, route } from '../http/route.ts';
import { notBuilt } from './not-implemented.ts';
import { hostList, oneHost } from './small-shapes.ts';
import { zonedHosts } from './zoned-hosts.ts';

const POLICY = 'os_compute_api:os-hosts';
const old = { until: '2.42', access: 'admin' } as const;
const Query = Type.Object({ zone: Type.Optional(Type.String()) });

interface Sum {
  readonly cpu: number;
  readonly memory_mb: number;
  readonly disk_gb: number;
}

function resource(host: ComputeHost, project: string, sum: Sum): object {
  return { resource: { host: host.name, project, ...sum } };
}

/** Total and used resources, and the share of each project (nova/api/openstack/compute/hosts.py show). */
async function resourcesOf(store: Queries, host: ComputeHost): Promise<object[]> {
  const { vcpus: cpu, memoryMb: memory_mb, diskGb: disk_gb } = host.capacity;
  const usage = await store.servers.usageOfHost(host.name);
  const used = { cpu: usage.cores, memory_mb: usage.ramMb, disk_gb: usage.diskGb };
  return [
    resource(host, '(total)', { cpu, memory_mb, disk_gb }),
    resource(host, '(used_now)', used),
    resource(host, '(used_max)', used),
    ...[...(await shares(store, host))].map(([project, sum]) => resource(host, project, sum)),
  ];
}

/** Rows read at once. */
const SERVERS_AT_ONCE = 1000;

async function shares(store: Queries, host: ComputeHost): Promise<Map<string, Sum>> {
  const byProject = new Map<string, Sum>();
  const on = { host: host.name };
  for await (const servers of pagesOf((page) => store.servers.list(on, page), SERVERS_AT_ONCE))
    for (const { projectId, flavor } of servers) {
      const so = byProject.get(projectId) ?? { cpu: 0, memory_mb: 0, disk_gb: 0 };
      byProject.set(projectId, {
        cpu: so.cpu + flavor.vcpus,
        memory_mb: so.memory_mb + flavor.ramMb,
        disk_gb: so.disk_gb + flavor.rootGb + flavor.ephemeralGb,
      });
    }
  return byProject;
}

/** https://docs.openstack.org/api-ref/compute/#hosts-os-hosts-deprecated: removed in 2.43. */
export const hostRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/os-hosts',
    ...old,
    policy: `${POLICY}:list`,
    summary: 'List compute hosts',
    schemas: { query: Query },
    status: 200,
    response: hostList,
    handle: async ({ parts, query }) => {
      const hosts = (await zonedHosts(parts.store)).filter(
        (host) => host.status === 'enabled' && (!query.zone || host.zone === query.zone),
      );
      return { hosts: hosts.map(({ name, zone }) => ({ host_name: name, service: 'compute', zone })) };
    },
  }),
  route({
    method: 'GET',
    path: '/os-hosts/:host_name',
    ...old,
    policy: `${POLICY}:show`,
    summary: 'Show what a compute host has and what is used of it',
    schemas: { params: Type.Object({ host_name: Type.String() }) },
    status: 200,
    response: oneHost,
    handle: async ({ parts, params }) => {
      const host = await parts.store.hosts.find(params.host_name as HostName);
      if (host === undefined)
        throw new Failure('not-found', `Compute host ${params.host_name} could not be found.`);
      return { host: await resourcesOf(parts.store, host) };
    },
  }),
  notBuilt({
    method: 'PUT',
    path: '/os-hosts/:host_name',
    ...old,
    policy: `${POLICY}:update`,
    what: 'Maintenance of hosts',
  }),
  ...(['startup', 'shutdown', 'reboot'] as const).map((word) =>
    notBuilt({
      method: 'GET',
      path: `/os-hosts/:host_name/${word}`,
      ...old,
      policy: `${POLICY}:${word === 'startup' ? 'start' : word}`,
      what: 'Power control of hosts',
    }),
  ),
];
