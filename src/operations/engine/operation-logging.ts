import type { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { Operation } from '../../model/operation.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Step } from './step.ts';

const EVENT = {
  failed: { again: 'step-retried', last: 'step-failed' },
  'could not be undone': { again: 'undo-retried', last: 'undo-failed' },
} as const;

/** One try of a step that failed. */
interface Tried {
  readonly failure: Failure;
  /** The first is 1. */
  readonly tried: number;
  /** Whether it is tried again. */
  readonly again: boolean;
  /**
   * The failure is no fault: the operation was cancelled, or the step only cleans up.
   */
  readonly isExpected?: boolean;
}

interface LoggingParts {
  readonly log: Log;
  readonly store: { readonly operations: Pick<Store['operations'], 'log'> };
  readonly now: () => number;
}

/**
 * Logs failed tries of one step: the first, each with a new reason, and the last. A host that is unreachable
 * for minutes must not cause a line every other second. A try that is repeated is written into the log of the
 * operation as well, where operators see it while the operation is stuck.
 */
export function logTries(
  { log, store, now }: LoggingParts,
  at: { readonly operation: Operation; readonly step: Step; readonly what: 'failed' | 'could not be undone' },
): (tried: Tried) => Promise<void> {
  const { step, what, operation } = at;
  let last: string | undefined;
  return async ({ failure: { operatorText: why }, tried, again, isExpected = false }) => {
    if (again && why === last) return;
    last = why;
    log(isExpected ? 'step-cancelled' : EVENT[what][again ? 'again' : 'last'], {
      ...nameOf(operation),
      step: step.name,
      tried,
      why,
    });
    if (!again) return; // the move that follows writes its line
    const line = { operationId: operation.id, step: step.name, event: 'try failed', tries: tried } as const;
    await store.operations.log({ ...line, detail: why, at: now() }).catch(() => undefined); // the try itself matters more
  };
}

/**
 * Logs the end of an operation: its server, the host that it chose, if any, and how long it took.
 */
export function logEnd(log: Log, operation: Operation): void {
  const { state, createdAt, updatedAt, failure } = operation;
  const chosen = chosenHost(operation);
  log(state === 'done' ? 'operation-done' : 'operation-unwound', {
    ...nameOf(operation),
    ...(chosen === undefined ? {} : { chosen }),
    tookMs: updatedAt - createdAt,
    ...(failure === null ? {} : { why: failure.message }),
  });
}

/** The host that one of its steps chose (`placement/claim-host.ts`). */
function chosenHost({ outputs }: Operation): string | undefined {
  for (const output of Object.values(outputs) as (null | {
    readonly scheduling?: { readonly host: string };
  })[])
    if (output?.scheduling !== undefined) return output.scheduling.host;
  return undefined;
}

function nameOf({ id, kind, serverId }: Operation) {
  return { kind, server: serverId, operation: id };
}
