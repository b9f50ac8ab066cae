import { deadline } from '../../async/deadline.ts';
import { pause } from '../../async/pause.ts';
import type { Bus } from '../../bus/bus.ts';
import type { Command, Verb } from '../../model/command.ts';
import { asFailure, Failure, isRetryable } from '../../model/failure.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { Operation } from '../../model/operation.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import { checkAbility } from './check-ability.ts';
import { guestPortsOf } from './guest-ports.ts';
import type { ImageLinks } from './image-links.ts';
import { lookAgain, readingAtEnd, seenGuest } from './look-at-end.ts';
import { logEnd, logTries } from './operation-logging.ts';
import { logReading } from './read-back.ts';
import type { RecentHosts } from './recent-hosts.ts';
import type { Settings } from './settings.ts';
import { leftNewGuest, type OperationKind, type Step, type StepContext } from './step.ts';
import type { Transition } from './transitions.ts';
import { endedBy, type StepEnd, setTaskState, writeEnd, writeTransition } from './write-transition.ts';

/** What running operations needs. */
export interface RunningParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly hosts: RecentHosts;
  readonly settings: Settings;
  /** Absent where hosts have a way of their own to image data. */
  readonly imageLinks?: Pick<ImageLinks, 'linksTo'>;
  readonly now: () => number;
  readonly log: Log;
  /**
   * Told when an operation begins or is taken up again, at every boundary between two steps, right after it
   * was written down, and at the end, which is written down together with the last step: tests end the
   * process there.
   */
  readonly onBoundary?: (at: { server: ServerId; kind: string; boundary: string }) => void;
}

/** How long between two tries of a step: doubles from the first to the second. Milliseconds. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const UNDO_TRIES = 40;
const TRIES_ELSEWHERE = 4;

/**
 * Runs one operation from where it is to its end, or until `closing`.
 * @param cancel.abort is called when somebody asked elsewhere that it unwind
 * @throws {Failure} `conflict` when another replica has taken it over
 */
export async function runOperation(
  parts: RunningParts,
  { kind, operation: first, cancel, closing }: Run & { operation: Operation },
): Promise<void> {
  parts.onBoundary?.({ server: first.serverId, kind: first.kind, boundary: 'begun' });
  const run = { kind, cancel, closing };
  let at: Position = { operation: first };
  while (at.operation.state === 'running' || at.operation.state === 'unwinding') {
    if (closing.aborted) return;
    if (at.operation.cancelled) cancel.abort();
    at =
      at.operation.state === 'running' ? await goOn(parts, at, run) : await goBack(parts, at.operation, run);
  }
}

/** Where an operation is. */
interface Position {
  readonly operation: Operation;
  /** Its server, as the transaction left it that wrote the position down. */
  readonly server?: Server | undefined;
}

interface Run {
  readonly kind: OperationKind;
  readonly cancel: AbortController;
  readonly closing: AbortSignal;
}

async function goOn(parts: RunningParts, at: Position, run: Run): Promise<Position> {
  const { operation } = at;
  const step = stepOf(run.kind, operation);
  if (step === undefined) return end(parts, at, { ...run, move: { move: 'all done' } });
  let last: StepEnd;
  try {
    if (run.cancel.signal.aborted) throw new Failure('conflict', 'The operation was cancelled.');
    using time = deadline(step.timeoutMs, [run.cancel.signal, run.closing]);
    const context = await contextOf(parts, at, { run, signal: time.signal });
    await reapplyTaskState(parts, step, context);
    const isNeeded = step.when?.(context) ?? true;
    last = isNeeded
      ? await attempt(parts, { step, first: context, run })
      : { happened: { move: 'step done', output: null, skipped: true }, tries: 0 };
  } catch (error) {
    if (run.closing.aborted) return at;
    last = { happened: { move: 'step failed', failure: asFailure(error) }, tries: 0 };
  }
  if (last.happened.move === 'step done' && step === run.kind.steps.at(-1))
    return end(parts, at, { ...run, move: { move: 'all done' }, last });
  return record(parts, operation, { ...run, ...last });
}

/**
 * The step that the operation is at; undefined when none is left. `understand.ts` has seen that its kind has
 * it.
 */
function stepOf({ steps }: OperationKind, operation: Operation): Step | undefined {
  return steps.find(({ name }) => name === operation.step);
}

/**
 * Sets the task state of the operation's first step again. An operation may begin while another is under way
 * on its server; the end of the other one cleared the task state.
 */
async function reapplyTaskState(
  parts: RunningParts,
  step: Step,
  { operation, server }: StepContext,
): Promise<void> {
  const { taskState } = step;
  if (Object.keys(operation.outputs).length > 0 || taskState === undefined || server.taskState !== null)
    return;
  await parts.store.lockingTransaction((tx) =>
    setTaskState(tx, { ...operation, updatedAt: parts.now() }, taskState),
  );
}

/**
 * Tries a step as often as it allows, each time with all its time.
 * @throws what the step throws when `closing` is aborted
 */
async function attempt(
  parts: RunningParts,
  { step, first, run }: { step: Step; first: StepContext; run: Run },
): Promise<StepEnd> {
  const { operation } = first;
  const { cancel, closing } = run;
  const logTry = logTries(parts, { operation, step, what: 'failed' });
  const done = (output: unknown) => ({ move: 'step done', output }) as const;
  for (let tries = 1; ; tries++) {
    try {
      if (tries === 1) return { happened: done(await step.do(first)), tries };
      using time = deadline(step.timeoutMs, [cancel.signal, closing]);
      const context = await contextOf(parts, { operation }, { run, signal: time.signal });
      return { happened: done(await step.do(context)), tries };
    } catch (error) {
      if (closing.aborted) throw error;
      const failure = asFailure(error);
      const { aborted } = cancel.signal;
      const again = tries < step.tries && isRetryable(failure.kind) && !aborted;
      await logTry({ failure, tried: tries, again, isExpected: aborted || step.tidies === true });
      if (!again && step.tidies) return { happened: done(undefined), tries };
      if (!again) return { happened: { move: 'step failed', failure }, tries };
      await waitBeforeRetry(parts, tries, [cancel.signal, closing]);
    }
  }
}

async function goBack(parts: RunningParts, operation: Operation, run: Run): Promise<Position> {
  const step = stepOf(run.kind, operation);
  if (step === undefined) return end(parts, { operation }, { ...run, move: { move: 'all undone' } });
  const undone = { move: 'step undone' } as const;
  if (typeof step.undo === 'string') return record(parts, operation, { ...run, happened: undone, tries: 0 });
  const tell = logTries(parts, { operation, step, what: 'could not be undone' });
  for (let tried = 1; ; tried++) {
    let output: unknown;
    try {
      using time = deadline(step.timeoutMs, [run.closing]);
      output = await step.undo(await contextOf(parts, { operation }, { run, signal: time.signal }));
    } catch (error) {
      if (run.closing.aborted) return { operation };
      const failure = asFailure(error);
      const elsewhere = step.leavesElsewhere === true && (await goesElsewhere(parts, operation));
      const tries = elsewhere ? TRIES_ELSEWHERE : UNDO_TRIES;
      const again = tried < tries && isRetryable(failure.kind);
      await tell({ failure, tried, again });
      if (!again) {
        const happened = { ...undone, gaveUp: failure, leaves: !elsewhere };
        return record(parts, operation, { ...run, happened, tries: tried });
      }
      await waitBeforeRetry(parts, tried, [run.closing]);
      continue;
    }
    const happened = output === undefined ? undone : { ...undone, output };
    return record(parts, operation, { ...run, happened, tries: tried });
  }
}

/** A resize may end on the server's own host: what is left there is the server's. */
async function goesElsewhere({ store }: RunningParts, { serverId }: Operation): Promise<boolean> {
  const server = await store.servers.find(serverId);
  return server !== undefined && server.destHost !== server.host;
}

async function record(
  parts: RunningParts,
  operation: Operation,
  { kind, happened, tries }: Run & StepEnd,
): Promise<Position> {
  const written = await writeTransition(parts.store, operation, { kind, happened, tries, at: parts.now() });
  const boundary = `${happened.move}: ${operation.step}`;
  parts.onBoundary?.({ server: operation.serverId, kind: kind.kind, boundary });
  return written;
}

async function end(
  parts: RunningParts,
  { operation, server: known }: Position,
  { kind, move, last }: Run & { move: Transition; last?: StepEnd },
): Promise<Position> {
  const { store, log, now } = parts;
  const { serverId: id } = operation;
  const seen = operation.notUndone.length > 0 ? await seenGuest(parts, operation) : null;
  const ended = endedBy(operation, { kind, move, last, at: now() });
  const server = known ?? (await store.servers.find(id));
  const reading = server === undefined ? null : await readingAtEnd(parts, { kind, ended, server });
  const { after, change } = await writeEnd(store, operation, { kind, ended, seen, last, reading });
  logEnd(log, ended);
  if (change !== undefined) logReading(log, after, change);
  if (ended.failure !== null) await lookAgain(parts, id);
  parts.onBoundary?.({ server: id, kind: kind.kind, boundary: 'end' });
  return { operation: ended };
}

async function contextOf(
  parts: RunningParts,
  { operation, server: known }: Position,
  { run, signal }: { run: Run; signal: AbortSignal },
): Promise<StepContext> {
  const { store, bus, hosts, settings, now } = parts;
  const server = known ?? (await store.servers.find(operation.serverId));
  if (server === undefined) throw new Error(`operation ${operation.id} is on a server that is not there`);
  return {
    operation,
    operationId: operation.id,
    kind: run.kind,
    server,
    newGuestLeft: leftNewGuest(run.kind, operation),
    async ask<V extends Verb>(command: Command & { verb: V }, host?: HostName | null) {
      const to = host ?? hostOf(server);
      await checkAbility(store, to, command);
      return bus.request<V>(to, command, signal);
    },
    ports: (resolved) => guestPortsOf(store, server, resolved),
    linksTo: (images) => parts.imageLinks?.linksTo(images) ?? null,
    signal,
    store,
    hosts,
    settings,
    now,
  };
}

function hostOf(server: Server): HostName {
  if (server.host !== null) return server.host;
  throw new Failure('conflict', `Instance ${server.id} is on no host`);
}

/**
 * Waits before the next try: longer each time, and until the bus is connected, because a lost bus is not the
 * host's fault. Returns at once when one of the signals is aborted.
 */
async function waitBeforeRetry({ bus }: RunningParts, tried: number, signals: AbortSignal[]): Promise<void> {
  const signal = AbortSignal.any(signals);
  await pause(Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), MAX_PAUSE_MS), signal);
  await bus.opened(signal);
}
