import { Failure, isFailureKind } from '../../model/failure.ts';
import type { GuestReading } from '../../model/guest-reading.ts';
import type { Operation } from '../../model/operation.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { userText } from '../../model/user-text.ts';
import { recordMachine } from '../../model/value-times.ts';
import type { LedgerEntry } from '../../serial/ledger-entry.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import { changeByReading, type ReadingChange } from './read-back.ts';
import { DEFINED, LOOKED_AHEAD } from './serial-outputs.ts';
import { portsFollow } from './server-ports.ts';
import { type AbandonedContext, leftNewGuest, type OperationKind } from './step.ts';
import { outputOf } from './stored-values.ts';
import { advance, type Transition } from './transitions.ts';

/** What happened to the step that an operation is at, and how often it was tried. */
export interface StepEnd {
  readonly happened: Transition;
  readonly tries: number;
}

/**
 * Writes a move down, with its line in the log and the server's next task state, in one transaction.
 * @returns the server too, as the next step finds it
 */
export async function writeTransition(
  store: Store,
  operation: Operation,
  { kind, happened, tries, at }: StepEnd & { kind: OperationKind; at: number },
): Promise<{ operation: Operation; server: Server | undefined }> {
  const moved = advance(operation, { ...happened, at }, namesOf(kind));
  const next = moved.state === 'running' ? kind.steps.find(({ name }) => name === moved.step) : undefined;
  return store.lockingTransaction(async (tx) => {
    // The server first: who deletes it holds it, and then wants its operations.
    const server = await setTaskState(tx, moved, next?.taskState);
    await logStep(tx, operation, { happened, tries, at });
    return { operation: await tx.operations.save(moved), server };
  });
}

/** The end of an operation. */
export interface End {
  readonly kind: OperationKind;
  readonly ended: Operation;
  readonly seen: AbandonedContext['seen'];
  /** What happened to the last step, where that is not written down yet. */
  readonly last?: StepEnd | undefined;
  /** Of the guest that the operation leaves running; null where nothing is known of it. */
  readonly reading: GuestReading | null;
}

/** The operation after its last transition, not yet written down. Pure. */
export function endedBy(
  operation: Operation,
  { kind, move, last, at }: Pick<End, 'kind' | 'last'> & { readonly move: Transition; readonly at: number },
): Operation {
  const names = namesOf(kind);
  const moved = last === undefined ? operation : advance(operation, { ...last.happened, at }, names);
  return advance(moved, { ...move, at }, names);
}

/** Why an operation did not do what it was to do; null if it did. Pure. */
export function failureAtEnd(kind: OperationKind, ended: Operation): Failure | null {
  return kind.cameThrough?.(ended) ? null : failureOf(ended);
}

/**
 * Writes the end down: operation, server, action, migration and serials in one transaction.
 * @returns the server after it, and what the reading of its guest changed
 */
export async function writeEnd(
  store: Store,
  operation: Operation,
  { kind, ended, seen, last, reading }: End,
): Promise<{ readonly after: Server; readonly change: ReadingChange | undefined }> {
  const at = ended.updatedAt;
  const failure = failureAtEnd(kind, ended);
  return store.lockingTransaction(async (tx) => {
    const server = await tx.servers.find(operation.serverId);
    if (server === undefined) throw new Error(`operation ${operation.id} is on a server that is not there`);
    if (last !== undefined) await logStep(tx, operation, { ...last, at });
    const saved = await tx.operations.save(ended);
    const context = { operation: ended, server, now: at };
    const overtaken = server.taskState === 'deleting' && !kind.deletesServer;
    const patch =
      failure === null
        ? kind.finished(context)
        : kind.abandoned({ ...context, failure, seen, ...leftoversOf(kind, ended) });
    const machine = failure === null ? outputOf(ended, DEFINED)?.machine : undefined;
    const known = machine === undefined ? {} : { ...recordMachine(server, machine, at), reads: null };
    const records = failure === null ? serialsOf(ended, at) : [];
    const next = { ...server, ...known, ...patch };
    const change = overtaken ? undefined : await changeAtEnd(tx, next, { reading, records, at });
    const all = { ...known, ...patch, ...change?.patch, updatedAt: at };
    const after = overtaken ? server : await tx.servers.update(server, all);
    if (!overtaken) await portsFollow(tx, after);
    if (change?.entry !== undefined) records.push(recordOf(change.entry, ended, at));
    for (const record of records) await tx.serials.add(record);
    await endMigration(tx, ended, { kind, failed: failure !== null, at });
    await endCancel(tx, saved, { failed: failure !== null, host: after.host, at });
    await tx.actions.finish(operation, {
      at,
      result: failure === null ? 'Success' : 'Error',
      details: failure?.message ?? null,
      traceback: failure?.operatorText ?? null,
      host: server.host,
    });
    return { after, change };
  });
}

async function changeAtEnd(
  tx: Queries,
  next: Server,
  { reading, records, at }: Pick<End, 'reading'> & { records: readonly SerialRecord[]; at: number },
): Promise<ReadingChange | undefined> {
  const { host } = next;
  if (reading === null || host === null) return undefined;
  const isNew = records.some(({ effect }) => effect === 'booted');
  const ledger = isNew ? records : [...(await tx.serials.of(next.id)), ...records];
  return changeByReading(tx, { ...next, host }, { reading, records: ledger, at });
}

/**
 * The server's task state while an operation is under way; one that is being deleted stays so.
 * @returns the server as it then is
 */
export async function setTaskState(
  tx: Queries,
  operation: Operation,
  taskState: Server['taskState'] | undefined,
): Promise<Server | undefined> {
  const server = await tx.servers.find(operation.serverId);
  if (server === undefined || taskState === undefined) return server;
  if (server.taskState === 'deleting' || server.taskState === taskState) return server;
  return tx.servers.update(server, { taskState, updatedAt: operation.updatedAt });
}

async function logStep(
  tx: Queries,
  operation: Operation,
  { happened, tries, at }: StepEnd & { at: number },
): Promise<void> {
  const { step } = operation;
  if (step !== null) await tx.operations.log({ ...lineOf(operation, { step, happened }), tries, at });
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

/** Ends the action that cancelled the operation: it succeeded if the operation was unwound. */
async function endCancel(
  tx: Queries,
  { serverId, cancelRequestId: requestId }: Operation,
  { failed, host, at }: { failed: boolean; host: Server['host']; at: number },
): Promise<void> {
  if (requestId === null) return;
  const details = failed ? null : 'It was too late: what was to be aborted had been done.';
  await tx.actions.finish(
    { serverId, requestId },
    {
      ...{ at, details, traceback: details, host },
      result: failed ? 'Success' : 'Error',
    },
  );
}

function leftoversOf(kind: OperationKind, operation: Operation) {
  return { leftovers: operation.notUndone.length > 0, newGuestLeft: leftNewGuest(kind, operation) };
}

function namesOf({ steps }: OperationKind): string[] {
  return steps.map(({ name }) => name);
}

function lineOf({ id: operationId }: Operation, { step, happened }: { step: string; happened: Transition }) {
  const line = { operationId, step, detail: null };
  switch (happened.move) {
    case 'step failed':
      return { ...line, event: 'failed', detail: happened.failure.operatorText } as const;
    case 'step undone': {
      const { gaveUp } = happened;
      if (gaveUp === undefined) return { ...line, event: 'undone' } as const;
      return { ...line, event: 'undo failed', detail: gaveUp.operatorText } as const;
    }
    case 'step done':
      return { ...line, event: happened.skipped ? 'skipped' : 'done' } as const;
    default:
      throw new Error(`'${happened.move}' is the end of an operation, and of no step`);
  }
}

/** What goes into the ledger: the serial that was given, and what the next hard boot would do. */
function serialsOf(operation: Operation, at: number): SerialRecord[] {
  const serial = outputOf(operation, DEFINED)?.serial;
  const pendingSerial = outputOf(operation, LOOKED_AHEAD)?.pendingSerial;
  const records: SerialRecord[] = [];
  if (serial !== undefined) records.push(recordOf({ ...serial, effect: 'booted' }, operation, at));
  if (pendingSerial !== undefined) records.push(recordOf(pendingSerial, operation, at));
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
  return new Failure(isFailureKind(kind) ? kind : 'internal', userText(message), { operatorText });
}
