import { randomUUID } from 'node:crypto';
import type { AgentEvent, HostReport } from '../../model/command.ts';
import { asFailure } from '../../model/failure.ts';
import type { ServerFiles } from '../../model/guest.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import { type KnownServer, knownServer, knownServers } from '../requests/known-server.ts';
import { type GuestEventParts, handleGuestEvent } from './guest-event.ts';
import { clearSets, clearStaleGuest, isStale, leftOf } from './stale-guests.ts';
import { watchIdentities } from './watch-identities.ts';

/** Handles what agents publish: hosts are registered and renewed, servers follow their guests. */
export function createEventHandler(parts: GuestEventParts): (event: AgentEvent) => Promise<void> {
  const { store } = parts;
  const watch = watchIdentities(parts);
  return async (event) => {
    if (event.type === 'host')
      return watch(await store.hosts.report(withControlPlaneFields(event.report, parts.now())));
    if (event.type === 'inventory') return cleanUpInventory(parts, event);
    const server = await knownServer(store, event.guest.serverId);
    if (server === undefined) return;
    if (isStale(server, event.host)) return endStale(parts, server, event.host);
    if (server.host !== event.host) return;
    await handleGuestEvent(parts, server, event);
  };
}

/**
 * A report as it is stored. When it came, the control plane says: hosts' clocks may be wrong. So it does for
 * ids, which are kept once they are stored: a host could take another's.
 */
function withControlPlaneFields(report: HostReport, now: number): HostReport {
  return { ...report, lastSeenAt: now, hypervisorId: randomUUID(), serviceId: randomUUID() };
}

async function endStale(parts: GuestEventParts, server: KnownServer, host: HostName): Promise<void> {
  const { log } = parts;
  if (!(await mayClear(parts, { server: server.id, host }))) return;
  log('stale-guest-removed', { server: server.id, host });
  await clearing(parts, server, () => clearStaleGuest(parts, server, host));
}

/** Deletes what servers have left on a host, or do not use any more. */
async function cleanUpInventory(
  parts: GuestEventParts,
  { host, servers }: AgentEvent & { readonly type: 'inventory' },
): Promise<void> {
  const sets = new Map(servers.map((each) => [each.serverId, each]));
  for (const server of await knownServers(parts.store, [...sets.keys()])) {
    const left = leftOf(server, host, sets.get(server.id) as ServerFiles);
    if (left.length === 0 || !(await mayClear(parts, { server: server.id, host }))) continue;
    parts.log('stale-disks-removed', { server: server.id, host, sets: left });
    await clearing(parts, server, () =>
      left === 'all' ? clearStaleGuest(parts, server, host) : clearSets(parts, server, { host, sets: left }),
    );
  }
}

/**
 * A restored database may know less of a server than its host does, so nothing is deleted by what it says
 * until it is confirmed.
 */
async function mayClear(
  { store, log }: GuestEventParts,
  { server, host }: { server: ServerId; host: HostName },
) {
  const restored = await store.restored.at();
  if (restored === undefined) return true;
  const why = `the database was restored at ${restored}; \`nameplate db confirm-restore\` lets it be deleted`;
  log('stale-removal-withheld', { server, host, why });
  return false;
}

async function clearing(
  { log }: GuestEventParts,
  { id: server }: KnownServer,
  clear: () => Promise<void>,
): Promise<void> {
  try {
    await clear();
  } catch (error) {
    const why = asFailure(error).operatorText;
    log('stale-removal-failed', { server, why });
  }
}
