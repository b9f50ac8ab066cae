import { Failure } from '../../../model/failure.ts';
import { parseServerId } from '../../../model/ids.ts';
import type { Server, ServerPatch } from '../../../model/server.ts';
import type { Requester } from '../../../operations/operations.ts';
import type { Ask } from '../../route.ts';

/** How often a write that met another one is tried anew. */
const TRIES = 5;

/**
 * The server that a path names: the caller's own project's, or anybody's for an administrator.
 * @throws {Failure} `not-found` for any other, and for a deleted one
 */
export async function foundServer(ask: Ask, text: string): Promise<Server> {
  const server = await foundServerEvenDeleted(ask, text);
  if (server.vmState === 'deleted') throw notFound(text);
  return server;
}

/** As {@link foundServer}, deleted ones too: their actions can still be read. */
export async function foundServerEvenDeleted({ caller, parts }: Ask, text: string): Promise<Server> {
  const server = await parts.store.servers.find(parseServerId(text));
  if (server === undefined || (!caller.isAdmin && server.projectId !== caller.projectId))
    throw notFound(text);
  return server;
}

function notFound(text: string): Failure {
  return new Failure('not-found', `Instance ${text} could not be found.`);
}

/**
 * Changes a server's own fields, which no operation needs to know of. Another write in between is no conflict here: the change is made anew
 * on what that one left.
 * @param change what to change, or undefined to leave it; it may also refuse
 */
export async function changeServer(
  ask: Ask,
  id: string,
  change: (server: Server) => ServerPatch | undefined | Promise<ServerPatch | undefined>,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const server = await foundServer(ask, id);
    const patch = await change(server);
    if (patch === undefined) return server;
    try {
      return await ask.parts.store.servers.update(server, { ...patch, updatedAt: ask.parts.now() });
    } catch (error) {
      if (attempt >= TRIES || !(error instanceof Failure) || error.kind !== 'conflict') throw error;
    }
  }
}

/** Who asks, for an operation's record. The frame lets none without a project come this far. */
export function requesterOf({ caller, requestId }: Ask): Requester {
  const { projectId, userId, isAdmin } = caller;
  if (projectId === null) throw new Failure('forbidden', 'A token for a project is needed.');
  return { requestId, projectId, userId, isAdmin };
}
