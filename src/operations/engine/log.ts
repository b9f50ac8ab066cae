import type { Failure } from '../../model/failure.ts';
import type { Operation } from '../../model/operation.ts';

/** What can happen to an operation. */
export type Move =
  | { readonly move: 'step done'; readonly notes: Readonly<Record<string, unknown>> | undefined }
  | { readonly move: 'step failed'; readonly failure: Failure }
  | { readonly move: 'step undone' }
  | { readonly move: 'all done' }
  | { readonly move: 'all undone' };

/**
 * The legal moves of an operation's log, in one place. Pure.
 * `running` at step k: the steps before k are done, k may be half done. `unwinding` at step k: the steps after k are undone, k may be half undone.
 * @throws {Error} on an illegal move: a fault in the engine, never in what it runs
 */
export function advance(operation: Operation, happened: Move & { readonly at: number }): Operation {
  const moved = { ...operation, updatedAt: happened.at };
  const illegal = () =>
    new Error(`operation ${operation.id} is ${operation.state}: it cannot take the move '${happened.move}'`);
  switch (happened.move) {
    case 'step done':
      if (operation.state !== 'running') throw illegal();
      return { ...moved, step: operation.step + 1, notes: { ...operation.notes, ...happened.notes } };
    case 'step failed': {
      if (operation.state !== 'running') throw illegal();
      const { kind, message, operatorText } = happened.failure;
      return { ...moved, state: 'unwinding', failure: { kind, message, operatorText } };
    }
    case 'step undone':
      if (operation.state !== 'unwinding' || operation.step < 0) throw illegal();
      return { ...moved, step: operation.step - 1 };
    case 'all done':
      if (operation.state !== 'running') throw illegal();
      return { ...moved, state: 'done' };
    case 'all undone':
      if (operation.state !== 'unwinding' || operation.step >= 0) throw illegal();
      return { ...moved, state: 'undone' };
  }
}
