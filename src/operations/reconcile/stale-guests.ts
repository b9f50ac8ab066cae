import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import type { Command, Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { ServerFiles } from '../../model/guest.ts';
import type { HostName } from '../../model/ids.ts';
import type { Store } from '../../store/promise/store.ts';
import { type KnownServer, knownServer } from '../requests/known-server.ts';
import { leaveHost, type MarksFiles } from '../steps/shared-disks.ts';

/** How long a host may take for one thing that it is to do away with. Milliseconds. */
const CLEAR_MS = 120_000;

interface Parts {
  readonly store: Store;
  readonly bus: Bus;
}

/**
 * Whether a guest on this host is one that its server has left: evacuated while the host was down, or moved
 * while it could not be tidied. Pure. A server of which nothing is known is not Nameplate's to end: another
 * cloud may use the same hypervisor.
 */
export function isStale(server: KnownServer, host: HostName): boolean {
  if (server.taskState !== null) return false; // an operation knows better where it belongs
  return server.vmState === 'deleted' || ![server.host, server.oldHost].includes(host);
}

/**
 * What a server has no use for any more of what a host holds of it: all, or some disk sets. Pure. Where its
 * guest may be on this host although the server is not, and while it is in ERROR, nothing is known to be
 * useless.
 */
export function leftOf(
  server: KnownServer,
  host: HostName,
  { sets }: ServerFiles,
): 'all' | readonly string[] {
  if (server.destHost !== null && server.vmState !== 'deleted') return [];
  if (isStale(server, host)) return 'all';
  if (server.taskState !== null || server.vmState === 'building' || server.vmState === 'error') return [];
  return sets.filter((set) => set !== server.diskSet && set !== server.oldDiskSet);
}

/**
 * Ends a stale guest and takes away what the host holds of it, before anybody can start it. Files that the
 * server's host shares stay.
 * @throws {Failure} when one of the two hosts does not answer: the guest is then off, but not all of it is
 * gone
 */
export async function clearStaleGuest(parts: Parts, server: KnownServer, host: HostName): Promise<void> {
  const stays = server.vmState === 'deleted' ? null : server.host;
  // A move to this host may have begun meanwhile. It asks this host for more than one thing before there are
  // files of it here.
  const may = async () => {
    const seen = await knownServer(parts.store, server.id);
    return seen !== undefined && isStale(seen, host);
  };
  await leaveHost(asking(parts, server, host), { host, stays, set: null, may });
}

/**
 * Deletes disk sets that a server on this host has no use for any more. None that is told of and not in use
 * now comes into use again: whatever makes disks gives its set a name of its own.
 * @throws {Failure} when the host does not answer
 */
export async function clearSets(
  parts: Parts,
  server: KnownServer,
  { host, sets }: { readonly host: HostName; readonly sets: readonly string[] },
): Promise<void> {
  const { ask } = asking(parts, server, host);
  for (const set of sets) await ask({ verb: 'delete-disks', server: server.id, set }, host);
}

function asking({ bus }: Parts, server: KnownServer, stale: HostName): MarksFiles {
  return {
    server,
    operationId: `stale-${stale}`,
    async ask<V extends Verb>(command: Command & { verb: V }, host?: HostName | null) {
      if (host === null || host === undefined)
        throw new Failure('conflict', `Instance ${server.id} is on no host`);
      return within(CLEAR_MS, (signal) => bus.request<V>(host, command, signal));
    },
  };
}
