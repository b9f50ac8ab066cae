import type { ComputeHost } from '../../model/host.ts';
import type { ApiParts } from '../parts.ts';

/**
 * Whether a compute host counts as alive: it reported within `[DEFAULT] service_down_time`, and no administrator has forced it down
 * (nova/servicegroup/drivers/db.py).
 */
export function isUp(host: ComputeHost, { config, now }: Pick<ApiParts, 'config' | 'now'>): boolean {
  return !host.forcedDown && now() - host.lastSeenAt <= config.DEFAULT.service_down_time * 1000;
}

/** `up` or `down`, as hypervisors and services say it. */
export function stateOf(host: ComputeHost, parts: Pick<ApiParts, 'config' | 'now'>): 'up' | 'down' {
  return isUp(host, parts) ? 'up' : 'down';
}
