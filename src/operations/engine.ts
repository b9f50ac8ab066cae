import type { Bus } from '../bus/bus.ts';
import type { Command, Verb } from '../model/command.ts';
import { asFailure, Failure, type FailureKind } from '../model/failure.ts';
import type { OperationId, ServerId } from '../model/ids.ts';
import type { Operation } from '../model/operation.ts';
import type { SerialDecision } from '../model/serial.ts';
import type { Server } from '../model/server.ts';
import type { Queries, Store } from '../store/store.ts';
import { advance, type Move } from './log.ts';
import type { OperationKind, Settings, Step, StepContext } from './step.ts';
import { followGuest } from './take-news.ts';

/** What the engine is built from. */
export interface EngineParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly kinds: readonly OperationKind[];
  readonly settings: Settings;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void;
  /** Told when an operation begins or is taken up again, and at every boundary between two steps, right after it was written down: tests end the process there. */
  readonly onBoundary?: (at: { server: ServerId; kind: string; boundary: string }) => void;
}

/** Runs durable operations: those of one server one after another, those of different servers side by side. */
export interface Engine {
  /** Runs an operation that has been written down. Resolves at its end, whichever that is. */
  run(operation: Operation): Promise<void>;
  /** Asks the operations of a server that are under way to unwind, at the latest at their next step. */
  cancel(server: ServerId): void;
  /** Takes up all operations that have not ended, as after a crash. Resolves when they have been taken up. */
  recover(): Promise<void>;
  /** Ends after the steps that are under way; what has not ended goes on at the next start. */
  close(): Promise<void>;
}

/** How long between two tries of a step: doubles from the first to the second. Milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const UNDO_TRIES = 20;
/** Kinds of failure after which the same step may work when tried again. */
const WORTH_ANOTHER_TRY: readonly FailureKind[] = ['unavailable', 'outcome-unknown'];

export function createEngine(parts: EngineParts): Engine {
  const { store, bus, log, now } = parts;
  const kinds = new Map(parts.kinds.map((kind) => [kind.kind, kind]));
  const queues = new Map<ServerId, Promise<void>>();
  const cancelled = new Map<ServerId, AbortController>();
  const closing = new AbortController();

  function run(operation: Operation): Promise<void> {
    const { serverId } = operation;
    const before = queues.get(serverId) ?? Promise.resolve();
    const mine = before
      .then(() => runNow(operation))
      .catch((error) => {
        log('error', 'an operation stopped; it goes on at the next start', {
          operation: operation.id,
          kind: operation.kind,
          why: asFailure(error).operatorText,
        });
      });
    queues.set(serverId, mine);
    void mine.then(() => {
      if (queues.get(serverId) === mine) queues.delete(serverId);
    });
    return mine;
  }

  async function runNow(first: Operation): Promise<void> {
    const kind = kinds.get(first.kind);
    if (kind === undefined) throw new Error(`no operation is called ${first.kind}`);
    const cancel = new AbortController();
    if (first.cancelled) cancel.abort();
    if (!first.kind.startsWith('delete')) cancelled.set(first.serverId, cancel);
    parts.onBoundary?.({ server: first.serverId, kind: first.kind, boundary: 'begun' });
    try {
      let operation = first;
      while (operation.state === 'running' || operation.state === 'unwinding') {
        if (closing.signal.aborted) return;
        operation = await (operation.state === 'running'
          ? goOn(kind, operation, cancel.signal)
          : goBack(kind, operation));
      }
    } finally {
      if (cancelled.get(first.serverId) === cancel) cancelled.delete(first.serverId);
    }
  }

  async function goOn(kind: OperationKind, operation: Operation, cancel: AbortSignal): Promise<Operation> {
    const step = kind.steps[operation.step];
    if (step === undefined) return end(kind, operation, { move: 'all done' });
    let happened: Move;
    try {
      if (cancel.aborted) throw new Failure('conflict', 'The server was deleted meanwhile.');
      const context = await contextOf(operation, [cancel, AbortSignal.timeout(step.timeoutMs)]);
      await sayThatItBegins(step, context);
      const wanted = step.when?.(context) ?? true;
      happened = { move: 'step done', notes: wanted ? await attempt(step, context, cancel) : undefined };
    } catch (error) {
      if (closing.signal.aborted) return operation;
      happened = { move: 'step failed', failure: asFailure(error) };
    }
    return record(kind, operation, happened);
  }

  /** An operation may begin while another is under way on its server, whose end then took its task state away: it is said again. */
  async function sayThatItBegins(step: Step, { operation, server }: StepContext): Promise<void> {
    const { taskState } = step;
    if (operation.step > 0 || taskState === undefined || server.taskState !== null) return;
    await store.transaction((tx) => setTaskState(tx, { ...operation, updatedAt: now() }, taskState));
  }

  /** Tries a step as often as it allows, each time with all its time. */
  async function attempt(step: Step, first: StepContext, cancel: AbortSignal) {
    const { operation } = first;
    for (let tried = 1; ; tried++) {
      try {
        const signals = [cancel, AbortSignal.timeout(step.timeoutMs)];
        return await step.do(tried === 1 ? first : await contextOf(operation, signals));
      } catch (error) {
        const failure = asFailure(error);
        log('warn', 'a step failed', { ...nameOf(operation, step), tried, why: failure.operatorText });
        const again = tried < step.tries && WORTH_ANOTHER_TRY.includes(failure.kind) && !cancel.aborted;
        if (!again && step.tidies) return undefined;
        if (!again || closing.signal.aborted) throw failure;
        await pause(tried, [cancel, closing.signal]);
      }
    }
  }

  async function goBack(kind: OperationKind, operation: Operation): Promise<Operation> {
    const step = kind.steps[operation.step];
    if (operation.step < 0) return end(kind, operation, { move: 'all undone' });
    if (step === undefined || typeof step.undo === 'string')
      return record(kind, operation, { move: 'step undone' });
    const { undo } = step;
    for (let tried = 1; ; tried++) {
      try {
        await undo(await contextOf(operation, [AbortSignal.timeout(step.timeoutMs)]));
        return record(kind, operation, { move: 'step undone' });
      } catch (error) {
        if (closing.signal.aborted) return operation;
        const failure = asFailure(error);
        log('warn', 'a step could not be undone', {
          ...nameOf(operation, step),
          tried,
          why: failure.operatorText,
        });
        if (tried >= UNDO_TRIES || !WORTH_ANOTHER_TRY.includes(failure.kind)) {
          const notes = { ...operation.notes, leftovers: true };
          return record(kind, { ...operation, notes }, { move: 'step undone' });
        }
        await pause(tried, [closing.signal]);
      }
    }
  }

  /** Writes a move down, with its line in the log and the server's next task state, in one transaction. */
  async function record(kind: OperationKind, operation: Operation, happened: Move): Promise<Operation> {
    const at = now();
    const moved = advance(operation, { ...happened, at });
    const step = kind.steps[operation.step];
    const next = moved.state === 'running' ? kind.steps[moved.step] : undefined;
    const saved = await store.transaction(async (tx) => {
      const written = await tx.operations.save(moved);
      if (step !== undefined) await tx.operations.log(lineOf(moved, { step, happened, at }));
      if (next?.taskState !== undefined) await setTaskState(tx, moved, next.taskState);
      return written;
    });
    const boundary = `${happened.move}: ${step?.name ?? 'end'}`;
    parts.onBoundary?.({ server: operation.serverId, kind: kind.kind, boundary });
    return saved;
  }

  /** Writes the end down: operation, server, action and serial in one transaction. */
  async function end(kind: OperationKind, operation: Operation, move: Move): Promise<Operation> {
    const at = now();
    const ended = advance(operation, { ...move, at });
    await store.transaction(async (tx) => {
      const server = await tx.servers.find(operation.serverId);
      if (server === undefined) throw new Error(`operation ${operation.id} is on a server that is not there`);
      await tx.operations.save(ended);
      const context = { operation: ended, server, now: at };
      const overtaken = server.taskState === 'deleting' && !kind.kind.startsWith('delete');
      const failure = failureOf(ended);
      const patch =
        failure === null
          ? kind.finished(context)
          : kind.abandoned({ ...context, failure, leftovers: ended.notes.leftovers === true });
      if (!overtaken) await tx.servers.update(server, { ...patch, updatedAt: at });
      const decision = ended.notes.serial as SerialDecision | undefined;
      if (failure === null && decision !== undefined) await tx.serials.add(recordOf(decision, ended, at));
      await tx.actions.finish(operation, {
        at,
        result: failure === null ? 'Success' : 'Error',
        details: failure?.message ?? null,
        traceback: failure?.operatorText ?? null,
        host: server.host,
      });
    });
    if (ended.failure !== null) await lookAgain(operation.serverId);
    parts.onBoundary?.({ server: operation.serverId, kind: kind.kind, boundary: 'end' });
    return ended;
  }

  /** News of a guest are passed over while something is done to it. What was not done may still have changed its power. */
  async function lookAgain(id: ServerId): Promise<void> {
    try {
      await followGuest({ store, bus, now, log }, id);
    } catch (error) {
      log('warn', 'a guest could not be looked at', { server: id, why: asFailure(error).operatorText });
    }
  }

  async function contextOf(operation: Operation, signals: AbortSignal[]): Promise<StepContext> {
    const server = await store.servers.find(operation.serverId);
    if (server === undefined) throw new Error(`operation ${operation.id} is on a server that is not there`);
    const signal = AbortSignal.any(signals);
    return {
      operation,
      operationId: operation.id,
      server,
      ask: <V extends Verb>(command: Command & { verb: V }) =>
        bus.request<V>(hostOf(server), command, signal),
      store,
      settings: parts.settings,
      now,
    };
  }

  return {
    run,
    cancel: (server) => cancelled.get(server)?.abort(),
    async recover() {
      for (const operation of await store.operations.unfinished()) {
        log('info', 'an operation is taken up again', { operation: operation.id, kind: operation.kind });
        void run(operation);
      }
    },
    async close() {
      closing.abort();
      await Promise.allSettled(queues.values());
    },
  };
}

function hostOf(server: Server) {
  if (server.host !== null) return server.host;
  throw new Failure('conflict', `Instance ${server.id} is on no host`);
}

async function setTaskState(
  tx: Queries,
  operation: Operation,
  taskState: Server['taskState'],
): Promise<void> {
  const server = await tx.servers.find(operation.serverId);
  if (server === undefined || server.taskState === 'deleting' || server.taskState === taskState) return;
  await tx.servers.update(server, { taskState, updatedAt: operation.updatedAt });
}

function lineOf(operation: Operation, { step, happened, at }: { step: Step; happened: Move; at: number }) {
  const event =
    happened.move === 'step done' ? 'done' : happened.move === 'step failed' ? 'failed' : ('undone' as const);
  const detail = happened.move === 'step failed' ? happened.failure.operatorText : null;
  return { operationId: operation.id, step: step.name, event, detail, at } as const;
}

function recordOf(decision: SerialDecision, operation: Operation, at: number) {
  const { decided: _, ...rest } = decision;
  return {
    ...rest,
    serverId: operation.serverId,
    operationId: operation.id,
    operation: operation.kind,
    effect: 'booted' as const,
    at,
  };
}

function failureOf(operation: Operation): Failure | null {
  if (operation.failure === null) return null;
  const { kind, message, operatorText } = operation.failure;
  return new Failure(kind as FailureKind, message, { operatorText });
}

function nameOf(operation: { id: OperationId; kind: string }, step: Step) {
  return { operation: operation.id, kind: operation.kind, step: step.name };
}

/** Waits before the next try, longer each time; returns at once when one of the signals is aborted. */
async function pause(tried: number, signals: AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signal = AbortSignal.any(signals);
  const timer = setTimeout(resolve, Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), LONGEST_PAUSE_MS));
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
  clearTimeout(timer);
}
