import { requirementOf } from './extra-spec-operators.ts';
import type { At, Candidate, Filter } from './filter.ts';

const SCOPE = 'capabilities';
const MIB_PER_GIB = 1024;

type Fact = (candidate: Candidate, at: At) => unknown;

/**
 * Host attributes that extra specs can compare, by Nova's names (nova/scheduler/host_manager.py HostState).
 */
const CAPABILITIES: Readonly<Record<string, Fact>> = {
  host: ({ host }) => host.name,
  nodename: ({ host }) => host.hypervisorHostname,
  hypervisor_hostname: ({ host }) => host.hypervisorHostname,
  uuid: ({ host }) => host.hypervisorId,
  host_ip: ({ host }) => host.hostIp,
  hypervisor_type: ({ host }) => host.hypervisorType,
  hypervisor_version: ({ host }) => host.hypervisorVersion,
  cpu_info: ({ host }) => host.cpuInfo,
  vcpus_total: ({ host }) => host.capacity.vcpus,
  vcpus_used: ({ used }) => used.cores,
  total_usable_ram_mb: ({ host }) => host.capacity.memoryMb,
  free_ram_mb: ({ host, used }, { settings }) =>
    host.capacity.memoryMb - settings.reservedMemoryMb - used.ramMb,
  total_usable_disk_gb: ({ host }) => host.capacity.diskGb,
  disk_mb_used: ({ used }) => used.diskGb * MIB_PER_GIB,
  free_disk_mb: ({ host, used }, { settings }) =>
    (host.capacity.diskGb - settings.reservedDiskGb - used.diskGb) * MIB_PER_GIB,
  num_instances: ({ used }) => used.instances,
  cpu_allocation_ratio: (_candidate, { settings }) => settings.cpuAllocationRatio,
  ram_allocation_ratio: (_candidate, { settings }) => settings.ramAllocationRatio,
  disk_allocation_ratio: (_candidate, { settings }) => settings.diskAllocationRatio,
};

/**
 * Passes hosts that satisfy the flavor's extra specs `capabilities:…`. A key without a scope counts too if it
 * is the name of a capability (nova/scheduler/filters/compute_capabilities_filter.py
 * ComputeCapabilitiesFilter).
 */
export const computeCapabilitiesFilter: Filter = {
  name: 'ComputeCapabilitiesFilter',
  onRebuild: false,
  testFor({ flavor }, at) {
    const asked = Object.entries(flavor.extraSpecs).flatMap(([key, text]) => {
      const path = pathOf(key);
      return path === undefined ? [] : [{ key, path, mismatch: requirementOf(text) }];
    });
    if (asked.length === 0) return undefined;
    return (candidate) => {
      for (const { key, path, mismatch } of asked) {
        const value = capability(candidate, path, at);
        if (value === undefined) return `The host has nothing that extra spec ${key} could be about.`;
        const why = mismatch(value);
        if (why !== undefined) return `Extra spec ${key} does not fit the host, because ${why}.`;
      }
      return undefined;
    };
  },
};

function pathOf(key: string): readonly string[] | undefined {
  const path = key.split(':');
  if (path[0] === SCOPE && path.length > 1) return path.slice(1);
  return path.length === 1 && Object.hasOwn(CAPABILITIES, key) ? path : undefined;
}

function capability(candidate: Candidate, path: readonly string[], at: At): string | undefined {
  const [name = '', ...rest] = path;
  let found: unknown = Object.hasOwn(CAPABILITIES, name) ? CAPABILITIES[name]?.(candidate, at) : undefined;
  for (const step of rest)
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, step)
        ? (found as Readonly<Record<string, unknown>>)[step]
        : undefined;
  if (found === undefined || found === null) return undefined;
  return typeof found === 'object' ? JSON.stringify(found) : String(found);
}
