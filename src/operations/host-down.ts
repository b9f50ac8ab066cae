import type { ComputeHost } from '../model/host.ts';

/** Whether a host counts as down: an administrator said so, or it has not reported for too long (nova/servicegroup/drivers/db.py is_up). Pure. */
export function isDown(
  host: Pick<ComputeHost, 'forcedDown' | 'lastSeenAt'>,
  { serviceDownMs, now }: { readonly serviceDownMs: number; readonly now: number },
): boolean {
  return host.forcedDown || now - host.lastSeenAt > serviceDownMs;
}
