import { randomUUID } from 'node:crypto';
import { type ActionName, requireLegal } from '../model/action.ts';
import { Failure } from '../model/failure.ts';
import type { OperationId, ServerId } from '../model/ids.ts';
import type { InstanceAction, Operation } from '../model/operation.ts';
import type { Server, ServerPatch, TaskState } from '../model/server.ts';
import type { Queries } from '../store/store.ts';
import type { Requester } from './operations.ts';
import type { OperationKind } from './step.ts';

/** What an operation is begun with. */
export interface Beginning {
  readonly kind: OperationKind;
  /** The row of the state table that must allow it; null when it has been checked. */
  readonly legal: ActionName | null;
  readonly taskState: TaskState;
  /** What the steps need to know, worked out from the server as it is in this transaction. */
  input?(server: Server, operation: OperationId): Readonly<Record<string, unknown>>;
  /** What is checked beside the state. */
  check?(server: Server, tx: Queries): Promise<void>;
  readonly patch?: ServerPatch;
}

/**
 * Writes an operation down: its row, its action and the server's task state together, after checking that the state allows it.
 * Two requests for one server: the second sees what the first wrote, and is refused.
 */
export async function begin(
  tx: Queries,
  id: ServerId,
  { beginning, by, at }: { beginning: Beginning; by: Requester; at: number },
): Promise<{ operation: Operation; server: Server }> {
  const seen = await tx.servers.find(id);
  if (seen === undefined || seen.vmState === 'deleted')
    throw new Failure('not-found', `Instance ${id} could not be found.`);
  if (beginning.legal !== null) requireLegal(beginning.legal, seen, by);
  await beginning.check?.(seen, tx);
  const patch = { ...beginning.patch, taskState: beginning.taskState, updatedAt: at };
  const server = await tx.servers.update(seen, patch);
  const operation = operationOn(seen, { beginning, by, at });
  await tx.operations.insert(operation);
  await tx.actions.begin(actionOf(operation, beginning.kind));
  return { operation, server };
}

/** A new operation on a server, not yet written down. */
export function operationOn(
  server: Server,
  { beginning, by, at }: { beginning: Beginning; by: Requester; at: number },
): Operation {
  const id = randomUUID() as OperationId;
  return {
    id,
    kind: beginning.kind.kind,
    serverId: server.id,
    state: 'running',
    step: 0,
    input: beginning.input?.(server, id) ?? {},
    notes: {},
    failure: null,
    cancelled: false,
    owner: 'local',
    leaseUntil: Number.MAX_SAFE_INTEGER,
    generation: 1,
    requestId: by.requestId,
    projectId: by.projectId,
    userId: by.userId,
    createdAt: at,
    updatedAt: at,
  };
}

/** The action that os-instance-actions shows for an operation, its event not finished. */
export function actionOf(operation: Operation, kind: OperationKind): InstanceAction {
  const { serverId, requestId, projectId, userId, createdAt: at } = operation;
  const event = {
    event: kind.event,
    startedAt: at,
    finishedAt: null,
    result: null,
    details: null,
    traceback: null,
    host: null,
  };
  return {
    serverId,
    action: kind.action,
    requestId,
    projectId,
    userId,
    startedAt: at,
    updatedAt: at,
    message: null,
    events: [event],
  };
}
