import type { Operation, OperationLogLine } from './operation.ts';

/** A failed try of a step. */
export interface FailedTry {
  /** Epoch milliseconds */
  readonly at: number;
  /** The first try is 1. */
  readonly tries: number;
  /** For operators. */
  readonly why: string | null;
}

/** One run of a step, forwards (`do`) or backwards (`undo`). */
export interface StepHistory {
  readonly step: string;
  readonly phase: 'do' | 'undo';
  /** null: in progress. */
  readonly outcome: 'done' | 'skipped' | 'failed' | 'undone' | 'undo failed' | null;
  /** When the step before it ended. Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Number of tries; 0 where there was nothing to do. */
  readonly tries: number;
  /** Failed tries in chronological order. The last one may have ended the step. */
  readonly failures: readonly FailedTry[];
}

/** The history of an operation, step by step, from its log. Pure. @param lines oldest first */
export function historyOf(operation: Operation, lines: readonly OperationLogLine[]): StepHistory[] {
  const history: StepHistory[] = [];
  let startedAt = operation.createdAt;
  let failures: FailedTry[] = [];
  for (const { step, event, at, tries, detail } of lines) {
    if (event === 'try failed') {
      failures.push({ at, tries, why: detail });
      continue;
    }
    if (event === 'failed' || event === 'undo failed') failures.push({ at, tries, why: detail });
    const phase = event === 'undone' || event === 'undo failed' ? 'undo' : 'do';
    history.push({ step, phase, outcome: event, startedAt, finishedAt: at, tries, failures });
    startedAt = at;
    failures = [];
  }
  const { state, step } = operation;
  if (step === null || (state !== 'running' && state !== 'unwinding')) return history;
  const tries = failures.at(-1)?.tries ?? 0;
  const phase = state === 'running' ? 'do' : 'undo';
  return [...history, { step, phase, outcome: null, startedAt, finishedAt: null, tries, failures }];
}
