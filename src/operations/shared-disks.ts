import type { HostName, ServerId } from '../model/ids.ts';
import type { StepContext } from './step.ts';

/** Who asks hosts about a server: a step, or whoever hears that a host still has something of it. */
export interface AsksHosts extends Pick<StepContext, 'ask'> {
  readonly server: { readonly id: ServerId };
  /** Names the mark: none that asks at the same time has the same. */
  readonly operationId: string;
}

/** Whether two hosts see the same files of the server: then what one deletes is gone for the other. */
export async function shareDisks(
  { ask, server, operationId }: AsksHosts,
  [one, other]: readonly [HostName | null, HostName | null],
): Promise<boolean> {
  const mark = { server: server.id, mark: operationId };
  await ask({ verb: 'mark-disks', ...mark }, one);
  const seen = await ask({ verb: 'sees-mark', ...mark }, other);
  await ask({ verb: 'remove-mark', ...mark }, one);
  return seen;
}

/** What is left, and by whom. */
interface Left {
  readonly host: HostName | null;
  /** Where the server is now; null: nowhere any more. */
  readonly stays: HostName | null;
  /** Of files that both see, the only disk set that goes. */
  readonly set: string | null;
  /** Asked right before files are deleted: whether they may be. */
  readonly may?: () => Promise<boolean>;
}

/** Ends the guest on a host that the server has left, or never came to, and takes away what is there of it; of shared files only the one disk set. */
export async function leaveHost(asks: AsksHosts, { host, stays, set, may }: Left): Promise<void> {
  const { ask, server } = asks;
  await ask({ verb: 'destroy', server: server.id }, host);
  await ask({ verb: 'undefine', server: server.id }, host);
  const shared = stays !== null && (await shareDisks(asks, [stays, host]));
  const goes = shared ? set : 'all';
  if (goes === null || (may !== undefined && !(await may()))) return;
  await ask({ verb: 'delete-disks', server: server.id, set: goes }, host);
}
