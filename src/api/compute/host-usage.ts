import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import { pagesOf } from '../../model/pages.ts';
import type { TaskState } from '../../model/server.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { stateOf } from './host-state.ts';
import type { HypervisorFacts } from './hypervisor-view.ts';
import { uptimeText } from './uptime.ts';

/**
 * Task states that count as work of a host (nova/compute/stats.py calculate_workload: all but none, and
 * `scheduling` before the host is known).
 */
const WORKING: readonly TaskState[] = [
  'block_device_mapping',
  'networking',
  'spawning',
  'powering-off',
  'powering-on',
  'reboot_pending',
  'reboot_started',
  'rebooting',
  'reboot_pending_hard',
  'reboot_started_hard',
  'rebooting_hard',
  'rebuilding',
  'rebuild_block_device_mapping',
  'rebuild_spawning',
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
  'resize_reverting',
  'migrating',
  'deleting',
  'image_snapshot',
  'image_pending_upload',
  'image_uploading',
];

/** The number of servers that each host works for. There are always few of them. */
async function workloads({ store, config }: ApiDependencies): Promise<ReadonlyMap<HostName, number>> {
  const counts = new Map<HostName, number>();
  const working = { taskStates: WORKING };
  for await (const servers of pagesOf((page) => store.servers.list(working, page), config.api.max_limit))
    for (const { host } of servers) if (host !== null) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

const NOTHING = { instances: 0, cores: 0, ramMb: 0, diskGb: 0 };

/** The facts that views of these hypervisors need, in a constant number of queries. */
export async function factsOf(
  hosts: readonly ComputeHost[],
  parts: ApiDependencies,
): Promise<HypervisorFacts[]> {
  const [usage, working] = await Promise.all([parts.store.servers.usageOfHosts(), workloads(parts)]);
  return hosts.map((host) => ({
    host,
    state: stateOf(host, parts),
    usage: { ...(usage.get(host.name) ?? NOTHING), workload: working.get(host.name) ?? 0 },
    uptime: host.uptime === undefined ? null : uptimeText(host.uptime, parts.now()),
  }));
}
