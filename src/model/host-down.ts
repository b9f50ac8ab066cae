import type { ComputeHost } from './host.ts';

/**
 * Whether a host counts as down: an administrator forced it, or it has not reported for longer than
 * `[DEFAULT] service_down_time` (nova/servicegroup/drivers/db.py is_up). Pure.
 */
export function isDown(
  host: Pick<ComputeHost, 'forcedDown' | 'silentMs'>,
  { serviceDownMs }: { readonly serviceDownMs: number },
): boolean {
  return host.forcedDown || host.silentMs > serviceDownMs;
}
