import type { ComputeHost } from '../../model/host.ts';
import type { TaskState } from '../../model/server.ts';
import type { Queries } from '../../store/store.ts';
import type { ApiParts } from '../parts.ts';
import { stateOf } from './host-state.ts';
import type { HostUsage, HypervisorFacts } from './hypervisor-view.ts';
import { uptimeText } from './uptime.ts';

/** Task states in which a host works for a server (nova/compute/stats.py calculate_workload: all but none, and `scheduling` before a host is known). */
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

/** What a host's servers take up, and how many of them are being worked on: at most `most` are counted. */
async function usageOf(store: Queries, host: ComputeHost, most: number): Promise<HostUsage> {
  const [usage, busy] = await Promise.all([
    store.servers.usageOfHost(host.name),
    store.servers.listVersions({ host: host.name, taskStates: WORKING }, { limit: most }),
  ]);
  return { ...usage, workload: busy.length };
}

/** All that a hypervisor's view needs. */
export async function factsOf(host: ComputeHost, parts: ApiParts): Promise<HypervisorFacts> {
  return {
    host,
    state: stateOf(host, parts),
    usage: await usageOf(parts.store, host, parts.config.api.max_limit),
    uptime: host.uptime === undefined ? null : uptimeText(host.uptime, parts.now()),
  };
}
