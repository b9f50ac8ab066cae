import { randomUUID } from 'node:crypto';
import type { OperationId, ProjectId, RequestId, ServerId, UserId } from '../../src/model/ids.ts';
import type { Operation } from '../../src/model/operation.ts';

/** An operation that has been written down and not begun, with these fields instead of the usual ones. */
export function sampleOperation(fields: Partial<Operation> = {}): Operation {
  return {
    id: randomUUID() as OperationId,
    kind: 'create-server',
    serverId: randomUUID() as ServerId,
    state: 'running',
    version: 1,
    step: 'schedule',
    input: { flavor: 'x', list: [1, null] },
    outputs: {},
    notUndone: [],
    failure: null,
    cancelled: false,
    cancelRequestId: null,
    notUnderstood: null,
    owner: 'local',
    leaseUntil: 1_000,
    generation: 1,
    requestId: 'req-1' as RequestId,
    projectId: 'p' as ProjectId,
    userId: 'u' as UserId,
    createdAt: 5,
    updatedAt: 5,
    ...fields,
  };
}
