import { Failure } from '../../../model/failure.ts';
import { parseServerId } from '../../../model/ids.ts';
import type { Server, ServerPatch } from '../../../model/server.ts';
import type { Requester } from '../../../operations/engine/requester.ts';
import type { Queries } from '../../../store/promise/store.ts';
import type { RequestContext } from '../../http/route.ts';

/**
 * The server in a path: one of the caller's project, or any for an administrator.
 * @throws {Failure} `not-found` for any other server, and for a deleted one
 */
export async function foundServer(
  context: RequestContext,
  text: string,
  store: Queries = context.parts.store,
): Promise<Server> {
  const server = await foundServerEvenDeleted(context, text, store);
  if (server.vmState === 'deleted') throw notFound(text);
  return server;
}

/** As {@link foundServer}, but including deleted servers, whose actions can still be read. */
export async function foundServerEvenDeleted(
  { caller, parts }: RequestContext,
  text: string,
  store: Queries = parts.store,
): Promise<Server> {
  const server = await store.servers.find(parseServerId(text));
  if (server === undefined || (!caller.isAdmin && server.projectId !== caller.projectId))
    throw notFound(text);
  return server;
}

function notFound(text: string): Failure {
  return new Failure('not-found', `Instance ${text} could not be found.`);
}

/**
 * Changes fields that no operation depends on, in a transaction that locks the server. Concurrent changes
 * are applied one after another.
 * @param change computes the patch, or undefined for no change; it may throw, and may run more than once
 */
export async function changeServer(
  context: RequestContext,
  id: string,
  change: (server: Server, tx: Queries) => ServerPatch | undefined | Promise<ServerPatch | undefined>,
): Promise<Server> {
  return context.parts.store.lockingTransaction(async (tx) => {
    const server = await foundServer(context, id, tx);
    const patch = await change(server, tx);
    if (patch === undefined) return server;
    return tx.servers.update(server, { ...patch, updatedAt: context.parts.now() });
  });
}

/** The requester for an operation's record. Routes for projects refuse callers without one before this. */
export function requesterOf({ caller, requestId }: RequestContext): Requester {
  const { projectId, userId, isAdmin } = caller;
  if (projectId === null) throw new Failure('forbidden', 'A token for a project is needed.');
  return { requestId, projectId, userId, isAdmin };
}
