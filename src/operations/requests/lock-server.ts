import { requireLegal } from '../../model/action.ts';
import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { ServerPatch } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Requester } from '../engine/requester.ts';
import { recordAction } from './record-action.ts';

interface LockRequest {
  readonly by: Requester;
  /** Epoch milliseconds */
  readonly at: number;
}

/**
 * Locks a server against its project's users (nova/compute/api.py lock). Done at once: nothing on the host
 * changes.
 */
export async function lockServer(
  tx: Queries,
  id: ServerId,
  asked: LockRequest & { reason: string | null },
): Promise<void> {
  const locked = asked.by.isAdmin ? 'admin' : 'owner';
  await setLock(tx, id, { ...asked, action: 'lock', patch: { locked, lockedReason: asked.reason } });
}

/**
 * @throws {Failure} `forbidden` when an administrator locked it and somebody else asks
 */
export async function unlockServer(tx: Queries, id: ServerId, asked: LockRequest): Promise<void> {
  await setLock(tx, id, { ...asked, action: 'unlock', patch: { locked: null, lockedReason: null } });
}

async function setLock(
  tx: Queries,
  id: ServerId,
  { action, patch, by, at }: LockRequest & { action: 'lock' | 'unlock'; patch: ServerPatch },
): Promise<void> {
  const server = await tx.servers.find(id);
  if (server === undefined || server.vmState === 'deleted')
    throw new Failure('not-found', `Instance ${id} could not be found.`);
  requireLegal(action, server, by);
  if (action === 'unlock' && server.locked === 'admin' && !by.isAdmin)
    throw new Failure(
      'forbidden',
      "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.",
    );
  await tx.servers.update(server, { ...patch, updatedAt: at });
  await recordAction(tx, id, { action, by, at });
}
