import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import { portsFollow } from './server-ports.ts';

/** How long a host may take to observe a guest. Milliseconds. */
export const LOOK_MS = 10_000;

interface FollowingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Looks at a server's guest, and lets the server follow it.
 * @throws {Failure} when its host does not answer
 */
export async function followGuest({ store, bus, now, log }: FollowingParts, id: ServerId): Promise<void> {
  const server = await store.servers.find(id);
  if (server === undefined || server.host === null || server.taskState !== null) return;
  const look = { verb: 'observe', server: id } as const;
  const { host } = server;
  const guest = await within(LOOK_MS, (signal) => bus.request(host, look, signal));
  await store.lockingTransaction(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.generation !== server.generation) return; // an operation came between: it knows better
    const patch = powerChange(seen, guest);
    if (patch === undefined) return;
    await portsFollow(tx, await tx.servers.update(seen, { ...patch, updatedAt: now() }));
    log('server-follows-guest', { server: id, ...patch });
  });
}

/**
 * What a guest's power says of its server, when nothing is being done to it (nova/compute/manager.py
 * _sync_instance_power_state). Pure.
 * @returns undefined when the server agrees already
 */
export function powerChange(
  server: Pick<Server, 'vmState' | 'taskState' | 'powerState'>,
  guest: GuestObservation,
): ServerPatch | undefined {
  if (server.taskState !== null || guest.power === server.powerState) return undefined;
  const ended = guest.power === 'shutdown' || guest.power === 'crashed' || guest.power === 'absent';
  const powerState = guest.power === 'absent' ? 'nostate' : guest.power;
  if (ended && (server.vmState === 'active' || server.vmState === 'paused'))
    return { vmState: 'stopped', powerState };
  if (server.vmState === 'deleted' || server.vmState === 'building') return undefined;
  return powerState === server.powerState ? undefined : { powerState };
}
