import { randomUUID } from 'node:crypto';
import { requireLegal } from '../../model/action.ts';
import { Failure } from '../../model/failure.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { requireAble } from '../../model/messages/agent-ability.ts';
import type { InstanceAction, Operation } from '../../model/operation.ts';
import type { QuotaLimits } from '../../model/quota.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { BeginContext } from '../engine/beginning.ts';
import type { Replica } from '../engine/replica.ts';
import type { Requester } from '../engine/requester.ts';
import type { Settings } from '../engine/settings.ts';
import type { OperationKind } from '../engine/step.ts';
import { newMigration } from './migration-row.ts';
import { requireQuota } from './quota.ts';
import { requireSourceUp } from './source-host.ts';

/** What an operation is written down with. */
interface Writing<Request> {
  readonly kind: OperationKind<string, Request>;
  readonly request: Request;
  readonly by: Requester;
  /** Epoch milliseconds */
  readonly at: number;
  readonly replica: Replica;
}

/** What an operation is begun with. */
export interface Start<Request> extends Writing<Request> {
  readonly settings: Settings;
  /** Of the project that the operation counts against; absent where it takes up no quota. */
  readonly limits?: QuotaLimits;
  /** The service itself begins the operation, in a state that it has checked, from the server as it says. */
  readonly unasked?: { check(server: Pick<Server, 'generation'>): void; readonly patch: ServerPatch };
}

/**
 * Writes an operation down: its row, its action and the server's task state together, after checking that the
 * state allows it. Of two requests for one server the second sees what the first wrote, and is refused.
 */
export async function begin<Request>(
  tx: Queries,
  id: ServerId,
  start: Start<Request>,
): Promise<{ operation: Operation; server: Server }> {
  const { kind, request, by, at, settings, unasked } = start;
  const seen = await tx.servers.find(id);
  if (seen === undefined || seen.vmState === 'deleted')
    throw new Failure('not-found', `Instance ${id} could not be found.`);
  const context = { request, server: seen, by, tx, settings };
  await check(context, start);
  const { taskState } = kind;
  const patch = {
    ...kind.begin?.patch?.(context),
    ...unasked?.patch,
    ...(taskState !== null && { taskState }),
  };
  const server = await tx.servers.update(seen, { ...patch, updatedAt: at });
  const operation = await operationOn(start, context);
  await tx.operations.insert(operation);
  await tx.actions.begin(actionOf(operation, kind));
  const type = kind.migration?.begins;
  if (type !== undefined) await tx.migrations.insert(newMigration(operation, { server, type }));
  return { operation, server };
}

/** In Nova's order: what it checks before the state, the state, the hosts, the rest. */
async function check<Request>(
  context: BeginContext<Request>,
  { kind, limits, unasked }: Start<Request>,
): Promise<void> {
  const { server, tx, by, settings } = context;
  unasked?.check(server);
  await kind.begin?.checkFirst?.(context);
  if (kind.legal !== null && unasked === undefined) requireLegal(kind.legal, server, by);
  if (kind.sourceUp !== undefined) {
    const { serviceDownMs } = settings.scheduler;
    await requireSourceUp(tx, server, { refusal: kind.sourceUp, serviceDownMs });
  }
  if (kind.asks !== undefined && server.host !== null)
    requireAble(await tx.hosts.find(server.host), { asks: kind.asks, kind: 'conflict' });
  await kind.begin?.check?.(context);
  if (limits !== undefined) await requireQuota(tx, kind, { of: [context], limits });
}

/** A new operation on a server, not yet written down. */
export async function operationOn<Request>(
  { kind, request, by, at, replica }: Writing<Request>,
  context: BeginContext<Request>,
): Promise<Operation> {
  const input = { ...((await kind.input.from?.(context)) ?? request) };
  const serverId = context.server.id;
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
