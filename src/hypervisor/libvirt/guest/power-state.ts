import { domainStates } from 'libvirt-rpc';
import type { PowerState } from '../../../model/server.ts';

const POWER: Readonly<Record<number, PowerState>> = {
  [domainStates.noState]: 'nostate',
  [domainStates.running]: 'running',
  [domainStates.blocked]: 'running',
  [domainStates.paused]: 'paused',
  // It is shutting down and still there: Nova calls it running too.
  [domainStates.shutdown]: 'running',
  [domainStates.shutoff]: 'shutdown',
  [domainStates.crashed]: 'crashed',
  [domainStates.pmSuspended]: 'suspended',
};

/** Nova's power state of a libvirt state (nova/virt/libvirt/guest.py LIBVIRT_POWER_STATE). */
export function powerStateOf(state: number): PowerState {
  return POWER[state] ?? 'nostate';
}

/** Whether a domain in this state has a process. */
export function isActive(state: number): boolean {
  return state !== domainStates.shutoff && state !== domainStates.crashed && state !== domainStates.noState;
}
