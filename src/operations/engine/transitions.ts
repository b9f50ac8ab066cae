import type { Failure } from '../../model/failure.ts';
import type { Operation } from '../../model/operation.ts';

/** What can happen to an operation. */
export type Transition =
  | { readonly move: 'step done'; readonly output: unknown; readonly skipped?: boolean }
  | { readonly move: 'step failed'; readonly failure: Failure }
  | {
      readonly move: 'step undone';
      readonly output?: unknown;
      readonly gaveUp?: Failure;
      readonly leaves?: boolean;
    }
  | { readonly move: 'all done' }
  | { readonly move: 'all undone' };

/**
 * The legal moves of an operation's log, in one place. Pure. `running` at a step: those before it are done,
 * it may be half done. `unwinding` at a step: those after it are undone, it may be half undone. At no step
 * (null): all are done, or all are undone.
 * @param steps the names of the operation's steps, in order
 * @throws {Error} on an illegal move: a fault in the engine, never in what it runs
 */
export function advance(
  operation: Operation,
  happened: Transition & { readonly at: number },
  steps: readonly string[],
): Operation {
  const { state, step } = operation;
  const illegal = () =>
    new Error(
      `operation ${operation.id} is ${state} at step ${step}: it cannot take the move '${happened.move}'`,
    );
  const needs = (wanted: Operation['state'], atStep: boolean) => {
    if (state !== wanted || (step !== null) !== atStep) throw illegal();
  };
  const neighbour = (by: 1 | -1) => {
    const index = steps.indexOf(step ?? '');
    if (index < 0) throw illegal();
    return steps[index + by] ?? null;
  };
  const moved = { ...operation, updatedAt: happened.at };
  switch (happened.move) {
    case 'step done':
      needs('running', true);
      return { ...moved, step: neighbour(1), outputs: withOutput(operation, happened.output ?? null) };
    case 'step failed': {
      needs('running', true);
      const { kind, message, operatorText } = happened.failure;
      return { ...moved, state: 'unwinding', failure: { kind, message, operatorText } };
    }
    case 'step undone': {
      needs('unwinding', true);
      const { output, leaves } = happened;
      const outputs = output === undefined ? operation.outputs : withOutput(operation, output);
      const notUndone = leaves && step !== null ? [...operation.notUndone, step] : operation.notUndone;
      return { ...moved, step: neighbour(-1), outputs, notUndone };
    }
    case 'all done':
      needs('running', false);
      return { ...moved, state: 'done' };
    case 'all undone':
      needs('unwinding', false);
      return { ...moved, state: 'undone' };
  }
}

function withOutput({ outputs, step }: Operation, output: unknown): Operation['outputs'] {
  return step === null ? outputs : { ...outputs, [step]: output };
}
