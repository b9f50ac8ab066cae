import type { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { Operation } from '../../model/operation.ts';
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
  /** Nothing is amiss: somebody asked that the operation end, or what failed does not matter to the server. */
  readonly isExpected?: boolean;
}

/**
 * Tells of the tries of one step: of the first that failed, of one that failed for another reason, and of the last. A host that is away
 * for minutes is no reason for a line every other second.
 */
export function tellOfTries(
  log: Log,
  at: { readonly operation: Operation; readonly step: Step; readonly what: 'failed' | 'could not be undone' },
): (tried: Tried) => void {
  const { step, what, operation } = at;
  let last: string | undefined;
  return ({ failure: { operatorText: why }, tried, again, isExpected = false }) => {
    if (again && why === last) return;
    last = why;
    log(isExpected ? 'step-cancelled' : EVENT[what][again ? 'again' : 'last'], {
      ...nameOf(operation),
      step: step.name,
      tried,
      why,
    });
  };
}

/** Tells of an operation that has ended: which, on which server, where to if a host was chosen, and how long it took. */
export function tellOfEnd(log: Log, operation: Operation): void {
  const { state, createdAt, updatedAt, failure, notes } = operation;
  const chosen = (notes.scheduling as { readonly host?: string } | undefined)?.host;
  log(state === 'done' ? 'operation-done' : 'operation-unwound', {
    ...nameOf(operation),
    ...(chosen === undefined ? {} : { chosen }),
    tookMs: updatedAt - createdAt,
    ...(failure === null ? {} : { why: failure.message }),
  });
}

function nameOf({ id, kind, serverId }: Operation) {
  return { kind, server: serverId, operation: id };
}
