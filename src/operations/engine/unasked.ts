import type { GuestObservation } from '../../model/guest.ts';
import type { Server } from '../../model/server.ts';

/**
 * Operations that the service itself begins on a server. Each does nothing when the server has changed since
 * it was read.
 */
export interface UnaskedOperations {
  /** Starts a server again whose host has lost its guest. */
  resume(server: Server): Promise<void>;
  /** Stops a server whose guest something else has started or suspended. */
  stop(server: Server): Promise<void>;
}

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

/**
 * Whether a guest has a process that its server is not to have: that of a stopped server, or one that has
 * suspended itself (nova/compute/manager.py _sync_instance_power_state). Pure.
 */
export function isToStop(
  { vmState, taskState }: Pick<Server, 'vmState' | 'taskState'>,
  { power }: GuestObservation,
): boolean {
  if (taskState !== null) return false;
  if (vmState === 'active') return power === 'suspended';
  return vmState === 'stopped' && (power === 'running' || power === 'paused' || power === 'suspended');
}
