import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../model/failure.ts';
import type { Operation, OperationState } from '../../model/operation.ts';
import { advance, type Move } from './log.ts';

const failure = new Failure('invalid', 'for users', { operatorText: 'for operators' });
const MOVES: Readonly<Record<Move['move'], Move>> = {
  'step done': { move: 'step done', notes: { serial: 'x' } },
  'step failed': { move: 'step failed', failure },
  'step undone': { move: 'step undone' },
  'all done': { move: 'all done' },
  'all undone': { move: 'all undone' },
};

function at(state: OperationState, step: number): Operation {
  return { id: 'op', state, step, notes: { old: 1 }, failure: null, updatedAt: 1 } as unknown as Operation;
}

/** From a state at step 1, or below the first step: where each move leads; what is not here is illegal. */
const LEGAL: readonly (readonly [
  OperationState,
  step: number,
  Move['move'],
  OperationState,
  step: number,
])[] = [
  ['running', 1, 'step done', 'running', 2],
  ['running', 1, 'step failed', 'unwinding', 1],
  ['running', 1, 'all done', 'done', 1],
  ['unwinding', 1, 'step undone', 'unwinding', 0],
  ['unwinding', -1, 'all undone', 'undone', -1],
];

describe("the legal moves of an operation's log", () => {
  for (const state of ['running', 'unwinding', 'done', 'undone'] as const)
    for (const step of [1, -1])
      for (const [name, move] of Object.entries(MOVES)) {
        if (state === 'running' && step < 0) continue; // it never is
        const row = LEGAL.find(([from, place, asked]) => from === state && place === step && asked === name);
        it(`${state} at step ${step}, ${name}: ${row ? `${row[3]} at step ${row[4]}` : 'illegal'}`, () => {
          const go = () => advance(at(state, step), { ...move, at: 7 });
          if (row === undefined) return assert.throws(go, /cannot take the move/);
          const { state: becomes, step: next, updatedAt } = go();
          assert.deepEqual([becomes, next, updatedAt], [row[3], row[4], 7]);
        });
      }

  it('keep what steps found out, and why it failed', () => {
    const done = advance(at('running', 0), { ...MOVES['step done'], at: 2 });
    assert.deepEqual(done.notes, { old: 1, serial: 'x' });
    const failed = advance(done, { ...MOVES['step failed'], at: 3 });
    assert.deepEqual(failed.notes, done.notes);
    assert.deepEqual(failed.failure, {
      kind: 'invalid',
      message: 'for users',
      operatorText: 'for operators',
    });
  });

  it('never lead out of an end, and always towards one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(MOVES))), (moves) => {
        let operation = at('running', 0);
        for (const move of moves) {
          const { state, step } = operation;
          try {
            operation = advance(operation, { ...move, at: 1 });
          } catch {
            continue;
          }
          assert.ok(state === 'running' || state === 'unwinding');
          if (state === 'unwinding') assert.ok(operation.step < step || operation.state === 'undone');
        }
      }),
    );
  });
});
