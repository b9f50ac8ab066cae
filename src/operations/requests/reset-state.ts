import { requireLegal } from '../../model/action.ts';
import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Requester } from '../engine/requester.ts';
import { recordAction } from './record-action.ts';

/**
 * Sets the state of a server to the one that an administrator gives
 * (nova/api/openstack/compute/admin_actions.py _reset_state). Done at once: nothing is done to the guest. Not
 * while an operation is under way, which ends by itself and says then what state it leaves; nor of a resize
 * that waits to be confirmed, since what is kept for the way back would be forgotten. (Nova allows both.)
 */
export async function resetServerState(
  tx: Queries,
  id: ServerId,
  { state, by, at }: { readonly state: 'active' | 'error'; readonly by: Requester; readonly at: number },
): Promise<void> {
  const server = await tx.servers.find(id);
  if (server === undefined || server.vmState === 'deleted')
    throw new Failure('not-found', `Instance ${id} could not be found.`);
  requireLegal('os-resetState', server, by);
  await tx.servers.update(server, { vmState: state, updatedAt: at });
  await recordAction(tx, id, { action: 'resetState', by, at });
}
