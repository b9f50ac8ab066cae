import type { HostName } from '../model/ids.ts';
import { clearHost } from './guest-steps.ts';
import type { StepContext } from './step.ts';

/** Whether two hosts see the same files of the server: then what one deletes is gone for the other. */
export async function shareDisks(
  { ask, server, operationId }: StepContext,
  [one, other]: readonly [HostName | null, HostName | null],
): Promise<boolean> {
  const mark = { server: server.id, mark: operationId };
  await ask({ verb: 'mark-disks', ...mark }, one);
  const seen = await ask({ verb: 'sees-mark', ...mark }, other);
  await ask({ verb: 'remove-mark', ...mark }, one);
  return seen;
}

/** Takes away what a host that the server has left, or never came to, holds of it; of shared files only the one disk set. */
export async function leaveHost(
  context: StepContext,
  { host, stays, set }: { host: HostName | null; stays: HostName | null; set: string | null },
): Promise<void> {
  if (!(await shareDisks(context, [stays, host]))) return clearHost(context, host);
  const { ask, server } = context;
  await ask({ verb: 'destroy', server: server.id }, host);
  await ask({ verb: 'undefine', server: server.id }, host);
  if (set !== null) await ask({ verb: 'delete-disks', server: server.id, set }, host);
}
