import { randomUUID } from 'node:crypto';
import { requireLegal } from '../../model/action.ts';
import type { Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { FlavorId, OperationId, ServerId } from '../../model/ids.ts';
import { requireAble } from '../../model/messages/agent-ability.ts';
import type { MigrationType } from '../../model/migration.ts';
import type { InstanceAction, Operation } from '../../model/operation.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Replica } from '../engine/replica.ts';
import type { OperationKind } from '../engine/step.ts';
import { newMigration } from './migration-row.ts';
import type { Requester } from './operations.ts';
import { requireSourceUp, type SourceUp } from './source-host.ts';

/** What an operation is begun with. */
export interface Beginning {
  readonly kind: OperationKind;
  /** The service itself begins it, and has checked the state. */
  readonly isChecked?: true;
  /** What the steps need to know, worked out from the server as it is in this transaction. */
  input?(server: Server, tx: Queries): Promise<Readonly<Record<string, unknown>>>;
  /** Instead of the commands that its kind names. */
  readonly asks?: readonly Verb[];
  /** What Nova checks before the state. */
  checkFirst?(server: Server, tx: Queries): Promise<void>;
  /** The operation leaves the server's host, which must be up. */
  readonly sourceUp?: SourceUp;
  /** What is checked after the state. */
  check?(server: Server, tx: Queries): Promise<void>;
  readonly patch?: ServerPatch;
  /** The move that the operation makes; it is then shown among the server's migrations. */
  readonly migration?: { readonly type: MigrationType; readonly newFlavorId?: FlavorId };
}

/** What an operation is written down with. */
interface Writing {
  readonly beginning: Beginning;
  readonly by: Requester;
  /** Epoch milliseconds */
  readonly at: number;
  readonly replica: Replica;
}

/**
 * Writes an operation down: its row, its action and the server's task state together, after checking that the
 * state allows it. Two requests for one server: the second sees what the first wrote, and is refused.
 */
export async function begin(
  tx: Queries,
  id: ServerId,
  { beginning, by, at, replica }: Writing,
): Promise<{ operation: Operation; server: Server }> {
  const seen = await tx.servers.find(id);
  if (seen === undefined || seen.vmState === 'deleted')
    throw new Failure('not-found', `Instance ${id} could not be found.`);
  const { kind } = beginning;
  await beginning.checkFirst?.(seen, tx);
  if (kind.legal !== null && beginning.isChecked !== true) requireLegal(kind.legal, seen, by);
  if (beginning.sourceUp !== undefined) await requireSourceUp(tx, seen, beginning.sourceUp);
  const asks = beginning.asks ?? kind.asks;
  if (asks !== undefined && seen.host !== null)
    requireAble(await tx.hosts.find(seen.host), { asks, kind: 'conflict' });
  await beginning.check?.(seen, tx);
  const patch = { ...beginning.patch, taskState: kind.taskState, updatedAt: at };
  const server = await tx.servers.update(seen, patch);
  const input = (await beginning.input?.(seen, tx)) ?? {};
  const operation = operationOn(id, { kind: beginning.kind, input, by, at, replica });
  await tx.operations.insert(operation);
  await tx.actions.begin(actionOf(operation, beginning.kind));
  if (beginning.migration !== undefined)
    await tx.migrations.insert(newMigration(operation, { server: seen, ...beginning.migration }));
  return { operation, server };
}

/** A new operation on a server, not yet written down. */
export function operationOn(
  serverId: ServerId,
  asked: Omit<Writing, 'beginning'> & { readonly kind: OperationKind; readonly input: Operation['input'] },
): Operation {
  const { kind, input, by, at, replica } = asked;
  const id = randomUUID() as OperationId;
  return {
    id,
    kind: kind.kind,
    version: kind.version,
    serverId,
    state: 'running',
    step: kind.steps[0]?.name ?? null,
    input,
    outputs: {},
    notUndone: [],
    failure: null,
    cancelled: false,
    cancelRequestId: null,
    notUnderstood: null,
    owner: replica.id,
    leaseUntil: replica.leaseFrom(at),
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
