import { Failure, type FailureKind } from '../../model/failure.ts';
import type { Operation } from '../../model/operation.ts';
import type { SerialDecision, SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { userText } from '../../model/user-text.ts';
import type { LedgerEntry } from '../../serial/ledger-entry.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import { advance, type Move } from './log.ts';
import type { AbandonedContext, OperationKind, Step } from './step.ts';

/** Among so many of its last actions one that asked for the unwinding is looked for. */
const RECENT = 20;

/** Writes a move down, with its line in the log and the server's next task state, in one transaction. */
export async function writeMove(
  store: Store,
  operation: Operation,
  { kind, happened, at }: { kind: OperationKind; happened: Move; at: number },
): Promise<Operation> {
  const moved = advance(operation, { ...happened, at });
  const step = kind.steps[operation.step];
  const next = moved.state === 'running' ? kind.steps[moved.step] : undefined;
  return store.holding(async (tx) => {
    // The server first: who deletes it holds it, and then wants its operations.
    if (next?.taskState !== undefined) await setTaskState(tx, moved, next.taskState);
    if (step !== undefined) await tx.operations.log(lineOf(moved, { step, happened, at }));
    return tx.operations.save(moved);
  });
}

/** Writes the end down: operation, server, action, migration and serials in one transaction. */
export async function writeEnd(
  store: Store,
  operation: Operation,
  { kind, move, seen, at }: { kind: OperationKind; move: Move; seen: AbandonedContext['seen']; at: number },
): Promise<Operation> {
  const ended = advance(operation, { ...move, at });
  const failure = kind.cameThrough?.(ended) ? null : failureOf(ended);
  await store.holding(async (tx) => {
    const server = await tx.servers.find(operation.serverId);
    if (server === undefined) throw new Error(`operation ${operation.id} is on a server that is not there`);
    await tx.operations.save(ended);
    const context = { operation: ended, server, now: at };
    const overtaken = server.taskState === 'deleting' && !kind.kind.startsWith('delete');
    const patch =
      failure === null
        ? kind.finished(context)
        : kind.abandoned({ ...context, failure, seen, leftovers: ended.notes.leftovers === true });
    if (!overtaken) await tx.servers.update(server, { ...patch, updatedAt: at });
    if (failure === null) for (const record of serialsOf(ended, at)) await tx.serials.add(record);
    await endMigration(tx, ended, { kind, failed: failure !== null, at });
    if (ended.cancelled) await endCancel(tx, ended, { kind, failed: failure !== null, at });
    await tx.actions.finish(operation, {
      at,
      result: failure === null ? 'Success' : 'Error',
      details: failure?.message ?? null,
      traceback: failure?.operatorText ?? null,
      host: server.host,
    });
  });
  return ended;
}

/** The server's task state while an operation is under way; one that is being deleted stays so. */
export async function setTaskState(
  tx: Queries,
  operation: Operation,
  taskState: Server['taskState'],
): Promise<void> {
  const server = await tx.servers.find(operation.serverId);
  if (server === undefined || server.taskState === 'deleting' || server.taskState === taskState) return;
  await tx.servers.update(server, { taskState, updatedAt: operation.updatedAt });
}

async function endMigration(
  tx: Queries,
  operation: Operation,
  { kind, failed, at }: { kind: OperationKind; failed: boolean; at: number },
): Promise<void> {
  if (kind.migration === undefined) return;
  const status = !failed
    ? kind.migration.finished
    : operation.cancelled
      ? 'cancelled'
      : kind.migration.abandoned;
  const number = operation.input.migration as number | undefined;
  const row = number === undefined ? await tx.migrations.ofOperation(operation.id) : { number };
  if (row !== undefined) await tx.migrations.update(row.number, { status, updatedAt: at });
}

/** Whoever asked that the operation unwind is told whether it did. */
async function endCancel(
  tx: Queries,
  { serverId }: Operation,
  { kind, failed, at }: { kind: OperationKind; failed: boolean; at: number },
): Promise<void> {
  const asked = (await tx.actions.list(serverId, { limit: RECENT })).find(
    ({ action, events }) =>
      action === kind.cancelledBy && events.some(({ finishedAt }) => finishedAt === null),
  );
  if (asked === undefined) return;
  const details = failed ? null : 'It was too late: what was to be aborted had been done.';
  const server = await tx.servers.find(serverId);
  await tx.actions.finish(asked, {
    ...{ at, details, traceback: details, host: server?.host ?? null },
    result: failed ? 'Success' : 'Error',
  });
}

function lineOf(operation: Operation, { step, happened, at }: { step: Step; happened: Move; at: number }) {
  const event =
    happened.move === 'step done' ? 'done' : happened.move === 'step failed' ? 'failed' : ('undone' as const);
  const detail = happened.move === 'step failed' ? happened.failure.operatorText : null;
  return { operationId: operation.id, step: step.name, event, detail, at } as const;
}

/** What goes into the ledger: the serial that was given, and what the next hard boot would do. */
function serialsOf(operation: Operation, at: number): SerialRecord[] {
  const { serial, pendingSerial } = operation.notes as {
    readonly serial?: SerialDecision;
    readonly pendingSerial?: Omit<LedgerEntry, 'effect'> & Partial<LedgerEntry>;
  };
  const records: SerialRecord[] = [];
  if (serial !== undefined) records.push(recordOf({ ...serial, effect: 'booted' }, operation, at));
  // The release before this one noted a decision, with no word of its effect.
  if (pendingSerial !== undefined)
    records.push(recordOf({ effect: 'pending', ...pendingSerial }, operation, at));
  return records;
}

/** A line of the ledger, with the operation that it comes from. */
export function recordOf(
  { serial, source, because, overruled, host, effect }: LedgerEntry,
  { id: operationId, kind: operation, serverId }: Operation,
  at: number,
): SerialRecord {
  return { serial, source, because, overruled, host, effect, serverId, operationId, operation, at };
}

function failureOf(operation: Operation): Failure | null {
  if (operation.failure === null) return null;
  const { kind, message, operatorText } = operation.failure;
  return new Failure(kind as FailureKind, userText(message), { operatorText });
}
