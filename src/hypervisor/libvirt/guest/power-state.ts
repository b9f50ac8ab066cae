import { domainStates } from 'libvirt-rpc';
import type { PowerState } from '../../../model/server.ts';

const POWER: Readonly<Record<number, PowerState>> = {
  [domainStates.noState]: 'nostate',
  [domainStates.running]: 'running',
  [domainStates.blocked]: 'running',
  [domainStates.paused]: 'paused',
  // Nova also takes a guest that is shutting down for running.
  [domainStates.shutdown]: 'running',
  [domainStates.shutoff]: 'shutdown',
  [domainStates.crashed]: 'crashed',
  [domainStates.pmSuspended]: 'suspended',
};

/** Converts libvirt's state to Nova's power state (nova/virt/libvirt/guest.py LIBVIRT_POWER_STATE). */
export function powerStateOf(state: number): PowerState {
  return POWER[state] ?? 'nostate';
}

/** Whether a domain in this state has a process. */
export function isActive(state: number): boolean {
  return state !== domainStates.shutoff && state !== domainStates.crashed && state !== domainStates.noState;
}
