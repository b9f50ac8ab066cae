import { randomBytes } from 'node:crypto';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import { claimPorts, requirePortQuota } from '../engine/claim-ports.ts';
import { createServer } from '../kinds/create-server.ts';
import type { HostInput } from '../placement/scheduling.ts';
import { actionOf, operationOn, type Start } from './begin.ts';
import { claimIdentity } from './claim-identity.ts';
import { newServer } from './new-server.ts';
import type { ServerRequest } from './operations.ts';
import { requireQuota, requireRoomInGroup } from './quota.ts';

/** Writes several servers of one request, each with the operation that creates it. */
export async function writeServers(
  tx: Queries,
  request: ServerRequest,
  given: Pick<Start<HostInput>, 'by' | 'at' | 'replica' | 'settings'>,
) {
  const { by, at, settings } = given;
  const { groupId, identity, names, host, quota: limits } = request;
  if (groupId !== null)
    await requireRoomInGroup(tx, groupId, { count: names.length, most: limits.groupMembers });
  const reservationId = `r-${randomBytes(4).toString('hex')}`;
  const wanted: Omit<Server, 'number'>[] = [];
  for (const index of names.keys()) {
    const server = newServer(request, { index, reservationId, by, at });
    const generation = identity === undefined ? 1 : await claimIdentity(tx, identity, { ...server, at });
    wanted.push({ ...server, generation });
  }
  const contexts = wanted.map((server) => ({ request: { host }, server, by, tx, settings }));
  const operations = await Promise.all(
    contexts.map((context) => operationOn({ ...given, kind: createServer, request: { host } }, context)),
  );
  for (const operation of operations) {
    await tx.operations.insert(operation);
    await tx.actions.begin(actionOf(operation, createServer));
  }
  const { ports: wishes, securityGroupIds } = request;
  for (const server of wanted) await claimPorts(tx, server, { wishes, securityGroupIds, firstIndex: 0, at });
  // The project's sums come last: all others who create in it wait for them.
  await requireQuota(tx, createServer, { of: contexts, limits });
  if (wishes.length > 0) await requirePortQuota(tx, by.projectId, limits.ports);
  const made = [];
  for (const [index, operation] of operations.entries())
    made.push({ server: await tx.servers.insert(wanted[index]!), operation });
  return made;
}
