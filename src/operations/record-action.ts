import type { ServerId } from '../model/ids.ts';
import type { Queries } from '../store/store.ts';
import type { Requester } from './operations.ts';

/** Records an action that is done at once, with no operation and so no event behind it. */
export async function recordAction(
  tx: Queries,
  serverId: ServerId,
  { action, by, at }: { action: string; by: Requester; at: number },
): Promise<void> {
  const { requestId, projectId, userId } = by;
  const whose = { serverId, action, requestId, projectId, userId };
  await tx.actions.begin({ ...whose, startedAt: at, updatedAt: at, message: null, events: [] });
}
