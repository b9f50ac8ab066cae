import type { ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Engine } from '../engine/engine.ts';
import { atMost } from './at-most.ts';
import { begin, type Start } from './begin.ts';

/**
 * How long the answer to a delete of a server in ERROR waits for its end: Nova deletes what is on no host
 * before it answers (nova/compute/api.py _local_delete).
 */
const DELETE_IN_ERROR_MS = 3_000;

/** Begins a delete, which cancels what is under way on the server. A second delete joins the first. */
export async function startDeleting<Request>(
  store: Store,
  engine: Engine,
  { server: id, start }: { readonly server: ServerId; readonly start: Start<Request> },
): Promise<Server> {
  const { server, operation } = await store.lockingTransaction(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.taskState === 'deleting' && seen.vmState !== 'deleted')
      return { server: seen, operation: undefined };
    await tx.operations.cancel(id);
    return begin(tx, id, start);
  });
  if (operation === undefined) return server;
  const running = engine.run(operation);
  engine.cancel(id);
  // Clients that wait for the end take a server that is still in ERROR for one that could not be deleted.
  if (server.vmState === 'error') await atMost(DELETE_IN_ERROR_MS, running);
  return server;
}
