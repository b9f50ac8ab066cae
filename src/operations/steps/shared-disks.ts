import type { HostName } from '../../model/ids.ts';
import { type CommandsHosts, endGuest } from './guest-steps.ts';

/** Who asks hosts, and can mark what they hold. */
export interface MarksFiles extends CommandsHosts {
  /** Names the mark: none that asks at the same time has the same. */
  readonly operationId: string;
}

/** Whether two hosts see the same files of the server: then what one deletes is gone for the other. */
export async function shareDisks(
  { ask, server, operationId }: MarksFiles,
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

/**
 * Ends the guest on a host that the server has left, or never came to, and takes away what is there of it; of
 * shared files only the one disk set.
 */
export async function leaveHost(asks: MarksFiles, { host, stays, set, may }: Left): Promise<void> {
  const { ask, server } = asks;
  await endGuest(asks, host);
  const shared = stays !== null && (await shareDisks(asks, [stays, host]));
  const goes = shared ? set : 'all';
  if (goes === null || (may !== undefined && !(await may()))) return;
  await ask({ verb: 'delete-disks', server: server.id, set: goes }, host);
}
