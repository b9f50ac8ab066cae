import type { GuestObservation } from '../../model/guest.ts';
import type { Server } from '../../model/server.ts';

/**
 * Starts a server again whose host has lost its guest. Does nothing when the server has changed since it was
 * read.
 */
export type ResumeGuest = (server: Server) => Promise<void>;

/**
 * Whether a guest that its host found when its agent started is to be started: its server was running, and
 * the guest is off (nova/compute/manager.py _init_instance, `expect_running`). Pure.
 */
export function isToResume(
  server: Pick<Server, 'vmState' | 'taskState' | 'powerState'>,
  { power }: GuestObservation,
): boolean {
  const wasRunning =
    server.vmState === 'active' && server.powerState === 'running' && server.taskState === null;
  return wasRunning && (power === 'shutdown' || power === 'crashed' || power === 'absent');
}
