import type { ComputeHost } from '../../model/host.ts';
import type { Server } from '../../model/server.ts';
import type { Usage } from '../../store/promise/servers.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  anything,
  changed,
  integer,
  integerOrNull,
  links,
  listOf,
  mapOf,
  object,
  optional,
  since,
  text,
  textOrNull,
  until,
  word,
} from '../http/shape.ts';

/** A compute host with the usage of its servers. */
export interface HypervisorFacts {
  readonly host: ComputeHost;
  readonly state: 'up' | 'down';
  readonly usage: HostUsage;
  /** The output of `uptime` on the host; null when its agent does not report it. */
  readonly uptime: string | null;
}

export interface HostUsage extends Usage {
  readonly diskGb: number;
  /** The number of servers with a task. */
  readonly workload: number;
}

/**
 * A hypervisor in a brief list (nova/api/openstack/compute/hypervisors.py _view_hypervisor). Ids are numbers
 * below 2.53.
 */
export function briefHypervisor(
  { host, state }: Pick<HypervisorFacts, 'host' | 'state'>,
  version: Microversion,
) {
  return {
    id: version >= 53 ? host.hypervisorId : host.number,
    hypervisor_hostname: host.hypervisorHostname,
    state,
    status: host.status,
  };
}

/** A complete hypervisor. 2.28 makes cpu_info an object; 2.88 removes usage and adds uptime. */
export function wholeHypervisor(facts: HypervisorFacts, version: Microversion) {
  const { host } = facts;
  return {
    ...briefHypervisor(facts, version),
    hypervisor_type: host.hypervisorType,
    hypervisor_version: host.hypervisorVersion,
    host_ip: host.hostIp,
    service: {
      id: version >= 53 ? host.serviceId : host.number,
      host: host.name,
      disabled_reason: host.disabledReason,
    },
    ...(version >= 88
      ? { uptime: facts.uptime }
      : {
          ...usageWords(facts),
          cpu_info: version >= 28 ? host.cpuInfo : JSON.stringify(host.cpuInfo),
        }),
  };
}

/** Numbers that both the details of a hypervisor and the statistics show. */
export function usageWords({ host, usage }: Pick<HypervisorFacts, 'host' | 'usage'>) {
  const { vcpus, memoryMb, diskGb } = host.capacity;
  return {
    vcpus,
    memory_mb: memoryMb,
    local_gb: diskGb,
    vcpus_used: usage.cores,
    memory_mb_used: usage.ramMb,
    local_gb_used: usage.diskGb,
    free_ram_mb: memoryMb - usage.ramMb,
    free_disk_gb: diskGb - usage.diskGb,
    current_workload: usage.workload,
    running_vms: usage.instances,
    disk_available_least: diskGb - usage.diskGb,
  };
}

/** Sums over all hypervisors (≤ 2.87). */
export function statistics(all: readonly Pick<HypervisorFacts, 'host' | 'usage'>[]): Record<string, number> {
  const sums: Record<string, number> = { count: all.length };
  const none = { vcpus: 0, memoryMb: 0, diskGb: 0 };
  const nothing = { instances: 0, cores: 0, ramMb: 0, diskGb: 0, workload: 0 };
  for (const name of Object.keys(usageWords({ host: { capacity: none } as ComputeHost, usage: nothing })))
    sums[name] = 0;
  for (const words of all.map(usageWords))
    for (const [name, value] of Object.entries(words)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** The servers of a hypervisor, if the request asks for them; from 2.75 also an empty list. */
export function serversWord(servers: readonly Pick<Server, 'id' | 'name'>[] | null, version: Microversion) {
  if (servers === null || (servers.length === 0 && version < 75)) return {};
  return { servers: servers.map(({ id, name }) => ({ name, uuid: id })) };
}

const id = changed(52, integer, text);
const brief = {
  id,
  hypervisor_hostname: text,
  state: word('up', 'down'),
  status: word('enabled', 'disabled'),
};
const servers = optional(listOf(object({ name: text, uuid: text })));
const usage = {
  vcpus: integer,
  memory_mb: integer,
  local_gb: integer,
  vcpus_used: integer,
  memory_mb_used: integer,
  local_gb_used: integer,
  free_ram_mb: integer,
  free_disk_gb: integer,
  current_workload: integer,
  running_vms: integer,
  disk_available_least: integerOrNull,
};
const usageTo287 = Object.fromEntries(Object.entries(usage).map(([name, what]) => [name, until(87, what)]));
const briefShape = object({ ...brief, servers }, 'BriefHypervisor');
const wholeShape = object(
  {
    ...brief,
    hypervisor_type: text,
    hypervisor_version: integer,
    host_ip: text,
    service: object({ id, host: text, disabled_reason: textOrNull }),
    uptime: since(88, textOrNull),
    ...usageTo287,
    cpu_info: until(87, changed(27, text, mapOf(anything))),
    servers,
  },
  'Hypervisor',
);

export const oneHypervisor = object({ hypervisor: wholeShape });
export const briefHypervisors = object({
  hypervisors: listOf(briefShape),
  hypervisors_links: optional(links),
});
export const wholeHypervisors = object({
  hypervisors: listOf(wholeShape),
  hypervisors_links: optional(links),
});
export const hypervisorUptime = object({ hypervisor: object({ ...brief, uptime: text }) });
export const hypervisorStatistics = object({ hypervisor_statistics: object({ count: integer, ...usage }) });
