import type { ServerId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Requester } from '../engine/requester.ts';

/**
 * Records an action that has no operation of its own. It is done at once and has no event, unless one is
 * named that ends later.
 */
export async function recordAction(
  tx: Queries,
  serverId: ServerId,
  { action, event, by, at }: { action: string; event?: string; by: Requester; at: number },
): Promise<void> {
  const { requestId, projectId, userId } = by;
  const whose = { serverId, action, requestId, projectId, userId };
  const open = { startedAt: at, finishedAt: null, result: null, details: null, traceback: null, host: null };
  const events = event === undefined ? [] : [{ event, ...open }];
  await tx.actions.begin({ ...whose, startedAt: at, updatedAt: at, message: null, events });
}
