import { randomUUID } from 'node:crypto';
import type { ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { Requester } from '../engine/requester.ts';
import type { ServerRequest } from './operations.ts';

/** A server's row as it is when it has just been asked for. */
export function newServer(
  request: ServerRequest,
  { index, reservationId, by, at }: { index: number; reservationId: string; by: Requester; at: number },
): Omit<Server, 'number'> {
  const named = request.names[index];
  if (named === undefined)
    throw new Error(`a request for ${request.names.length} servers has no number ${index}`);
  const {
    names: _names,
    host: _host,
    quota: _quota,
    identity,
    ports: _ports,
    securityGroupIds: _groups,
    ...kept
  } = request;
  return {
    ...kept,
    ...named,
    id: identity?.id ?? (randomUUID() as ServerId),
    generation: 1,
    projectId: by.projectId,
    userId: by.userId,
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 'nostate',
    host: null,
    oldHost: null,
    destHost: null,
    destFlavor: null,
    resizeTo: null,
    groupId: request.groupId,
    oldFlavor: null,
    // Under the id of a deleted server a host may still have files.
    diskSet: identity === undefined ? 'first' : `import-${randomUUID()}`,
    machine: null,
    machineTimes: null,
    reads: null,
    onlyPorts: true,
    given: identity?.given ?? null,
    oldDiskSet: null,
    oldVmState: null,
    locked: null,
    lockedReason: null,
    reservationId,
    launchIndex: index,
    fault: null,
    progress: 0,
    createdAt: at,
    updatedAt: at,
    launchedAt: null,
    terminatedAt: null,
  };
}
