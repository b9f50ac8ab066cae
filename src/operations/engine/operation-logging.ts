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
   * Nothing is amiss: somebody asked that the operation end, or what failed does not matter to the server.
   */
  readonly isExpected?: boolean;
}

interface LoggingParts {
  readonly log: Log;
  readonly store: { readonly operations: Pick<Store['operations'], 'log'> };
  readonly now: () => number;
}

/**
 * Logs the tries of one step: the first that failed, one that failed for another reason, and the last. A host
 * that is away for minutes is no reason for a line every other second. Those that are tried again stand in
 * the operation's own log, too, while it is stuck.
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
 * Tells of an operation that has ended: which, on which server, where to if a host was chosen, and how long
 * it took.
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
