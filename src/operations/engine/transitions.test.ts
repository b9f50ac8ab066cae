import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../model/failure.ts';
import type { Operation, OperationState } from '../../model/operation.ts';
import { advance, type Transition } from './transitions.ts';

const failure = new Failure('invalid', 'for users', { operatorText: 'for operators' });
const MOVES: Readonly<Record<Transition['move'], Transition>> = {
  'step done': { move: 'step done', output: { serial: 'x' } },
  'step failed': { move: 'step failed', failure },
  'step undone': { move: 'step undone' },
  'all done': { move: 'all done' },
  'all undone': { move: 'all undone' },
};

const STEPS = ['define', 'boot', 'tidy'];

function at(state: OperationState, step: string | null): Operation {
  const kept = { outputs: { define: { old: 1 } }, notUndone: [], failure: null };
  return { id: 'op', state, step, ...kept, updatedAt: 1 } as unknown as Operation;
}

/** From a state at a step, or at none: where each move leads; what is not here is illegal. */
const LEGAL: readonly (readonly [
  OperationState,
  step: string | null,
  Transition['move'],
  OperationState,
  step: string | null,
])[] = [
  ['running', 'boot', 'step done', 'running', 'tidy'],
  ['running', 'tidy', 'step done', 'running', null],
  ['running', 'boot', 'step failed', 'unwinding', 'boot'],
  ['running', 'tidy', 'step failed', 'unwinding', 'tidy'],
  ['running', 'define', 'step done', 'running', 'boot'],
  ['running', 'define', 'step failed', 'unwinding', 'define'],
  ['running', null, 'all done', 'done', null],
  ['unwinding', 'tidy', 'step undone', 'unwinding', 'boot'],
  ['unwinding', 'boot', 'step undone', 'unwinding', 'define'],
  ['unwinding', 'define', 'step undone', 'unwinding', null],
  ['unwinding', null, 'all undone', 'undone', null],
];

/** How many steps there are still to undo. */
function placeOf({ step }: Operation): number {
  return step === null ? -1 : STEPS.indexOf(step);
}

describe("the legal moves of an operation's log", () => {
  for (const state of ['running', 'unwinding', 'done', 'undone'] as const)
    for (const step of [...STEPS, null, 'a step of another release'])
      for (const [name, move] of Object.entries(MOVES)) {
        if (step === 'a step of another release' && name === 'step failed') continue; // it stays where it is
        const row = LEGAL.find(([from, place, asked]) => from === state && place === step && asked === name);
        it(`${state} at step ${step}, ${name}: ${row ? `${row[3]} at step ${row[4]}` : 'illegal'}`, () => {
          const go = () => advance(at(state, step), { ...move, at: 7 }, STEPS);
          if (row === undefined) return assert.throws(go, /cannot take the move/);
          const { state: becomes, step: next, updatedAt } = go();
          assert.deepEqual([becomes, next, updatedAt], [row[3], row[4], 7]);
        });
      }

  it('keep the output of each step by its name, and why the operation failed', () => {
    const done = advance(at('running', 'boot'), { ...MOVES['step done'], at: 2 }, STEPS);
    assert.deepEqual(done.outputs, { define: { old: 1 }, boot: { serial: 'x' } });
    const failed = advance(done, { ...MOVES['step failed'], at: 3 }, STEPS);
    assert.deepEqual(failed.outputs, done.outputs);
    assert.deepEqual(failed.failure, {
      kind: 'invalid',
      message: 'for users',
      operatorText: 'for operators',
    });
  });

  it('keep what an undo found out, and name the steps whose undo gave up', () => {
    const undone = advance(
      at('unwinding', 'boot'),
      { move: 'step undone', output: { gone: true }, at: 2 },
      STEPS,
    );
    assert.deepEqual([undone.outputs.boot, undone.notUndone], [{ gone: true }, []]);
    const left = advance(undone, { move: 'step undone', gaveUp: failure, leaves: true, at: 3 }, STEPS);
    assert.deepEqual([left.outputs.define, left.notUndone], [{ old: 1 }, ['define']]);
    const elsewhere = advance(undone, { move: 'step undone', gaveUp: failure, leaves: false, at: 3 }, STEPS);
    assert.deepEqual(elsewhere.notUndone, []);
  });

  it('never lead out of an end, and always towards one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(MOVES))), (moves) => {
        let operation = at('running', 'define');
        for (const move of moves) {
          const { state } = operation;
          const before = placeOf(operation);
          try {
            operation = advance(operation, { ...move, at: 1 }, STEPS);
          } catch {
            continue;
          }
          assert.ok(state === 'running' || state === 'unwinding');
          if (state === 'unwinding') assert.ok(placeOf(operation) < before || operation.state === 'undone');
        }
      }),
    );
  });
});
