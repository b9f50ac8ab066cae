import type { ComputeHost } from '../../model/host.ts';
import { isDown } from '../../model/host-down.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** Whether a compute host counts as alive. */
export function isUp(host: ComputeHost, { config }: Pick<ApiDependencies, 'config'>): boolean {
  return !isDown(host, { serviceDownMs: config.DEFAULT.service_down_time * 1000 });
}

/** `up` or `down`, as hypervisors and services say it. */
export function stateOf(host: ComputeHost, parts: Pick<ApiDependencies, 'config'>): 'up' | 'down' {
  return isUp(host, parts) ? 'up' : 'down';
}
