import { within } from '../../async/deadline.ts';
import type { AgentEvent } from '../../model/command.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import { followGuest, LOOK_MS, powerChange } from '../engine/follow-guest.ts';
import { readBack } from '../engine/read-back.ts';
import { isToResume, isToStop, type UnaskedOperations } from '../engine/unasked.ts';
import type { KnownServer } from '../requests/known-server.ts';
import { type RecordingParts, recordIdentity } from './record-identity.ts';

/** What following guests needs. */
export interface GuestEventParts extends RecordingParts {
  /** Absent where guests are looked at and nothing is begun. */
  readonly unasked?: UnaskedOperations;
}

/**
 * Lets a server follow what its own host has published of its guest: what the guest reads, its power, and
 * what that demands (nova/compute/manager.py _sync_instance_power_state). The event may be old, so the guest
 * is observed again before anything is done.
 */
export async function handleGuestEvent(
  parts: GuestEventParts,
  server: KnownServer,
  { guest, atStart }: AgentEvent & { readonly type: 'guest' },
): Promise<void> {
  const { id } = server;
  if (server.machine === null && guest.power !== 'absent') await recordIdentity(parts, id);
  if (hasProcess(guest)) await readBack(parts, id);
  const stops = isToStop(server, guest);
  if (powerChange(server, guest) === undefined && !stops) return;
  if (atStart && (await resume(parts, id))) return;
  await followGuest(parts, id);
  if (stops) await stop(parts, id);
}

function hasProcess({ power }: GuestObservation): boolean {
  return power === 'running' || power === 'paused' || power === 'suspended';
}

/** Starts a server whose host came back without its guest. @returns whether it is to be running */
async function resume(parts: GuestEventParts, id: ServerId): Promise<boolean> {
  const seen = await lookAt(parts, id);
  if (parts.unasked === undefined || seen === undefined || !isToResume(seen.server, seen.guest)) return false;
  await parts.unasked.resume(seen.server);
  return true;
}

/** Stops a server whose guest something else has started. */
async function stop(parts: GuestEventParts, id: ServerId): Promise<void> {
  const { store, log, unasked } = parts;
  const seen = await lookAt(parts, id);
  if (unasked === undefined || seen === undefined || !isToStop(seen.server, seen.guest)) return;
  const { host, vmState } = seen.server;
  const restored = await store.restored.at();
  if (restored !== undefined) {
    const why = `the database was restored at ${restored}, and may not know that the server was started; \`nameplate db confirm-restore\` lets it be stopped`;
    return log('guest-stop-withheld', { server: id, host, why });
  }
  log('guest-not-stopped', { server: id, host, vmState, power: seen.guest.power });
  await unasked.stop(seen.server);
}

async function lookAt(
  { store, bus }: GuestEventParts,
  id: ServerId,
): Promise<{ readonly server: Server; readonly guest: GuestObservation } | undefined> {
  const server = await store.servers.find(id);
  if (server === undefined || server.host === null) return undefined;
  const look = { verb: 'observe', server: id } as const;
  const { host } = server;
  return { server, guest: await within(LOOK_MS, (signal) => bus.request(host, look, signal)) };
}
