import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OperationKind } from '../../operations/engine/step.ts';
import { OPERATION_KINDS } from '../../operations/kinds/operation-kinds.ts';
import { named } from './0007-named-steps.ts';
import { STEPS_OF_0_1, STEPS_OF_NOTES } from './0007-steps-of-0.1.ts';

const row = { number: 1, kind: 'start-server', state: 'running', step: 1, notes: '{}' };

describe('the row of an operation that release 0.1 wrote', () => {
  it('has the steps of each kind, in their order', () => {
    const now = new Map<string, OperationKind>(OPERATION_KINDS.map((kind) => [kind.kind, kind]));
    for (const [name, steps] of Object.entries(STEPS_OF_0_1)) {
      const kind = now.get(name);
      assert.ok(kind !== undefined, `${name}: rows of release 0.1 are no longer understood`);
      const stepNames = kind.steps.map((step) => step.name);
      if (kind.version === 1) assert.deepEqual(steps, stepNames, name);
    }
    const known = new Set(Object.values(STEPS_OF_0_1).flat());
    for (const name of Object.values(STEPS_OF_NOTES).flat()) assert.ok(known.has(name), name);
  });

  it('runs at the step of its place, with those before it done', () => {
    const serial = { decided: true, serial: null, source: 'none', because: [], overruled: [], host: 'h' };
    assert.deepEqual(named({ ...row, notes: JSON.stringify({ serial }) }), {
      stepName: 'power off',
      outputs: { define: { serial } },
      notUndone: [],
    });
    assert.equal(named({ ...row, step: 0 }).stepName, 'define');
    assert.deepEqual(named({ ...row, step: 3 }).outputs, { define: null, 'power off': null, boot: null });
  });

  it('is at no step when all of them are done or undone', () => {
    assert.equal(named({ ...row, step: 4 }).stepName, null);
    assert.equal(named({ ...row, state: 'unwinding', step: -1 }).stepName, null);
    assert.equal(named({ ...row, state: 'done', step: 4 }).stepName, null);
    assert.equal(named({ ...row, state: 'undone', step: -1 }).stepName, null);
  });

  it('unwinds at the step of its place, and says which steps could not be undone', () => {
    const notes = { poweredOff: true, 'left by boot': true, leftovers: true, newGuestLeft: true };
    const unwinding = { ...row, state: 'unwinding', step: 1, notes: JSON.stringify(notes) };
    assert.deepEqual(named(unwinding), {
      stepName: 'power off',
      outputs: { 'power off': { poweredOff: true } },
      notUndone: ['boot'],
    });
  });

  it('keeps the choice of a host with the step that made it', () => {
    const scheduling = { host: 'h', among: 1, refused: [] };
    const notes = JSON.stringify({ scheduling });
    assert.deepEqual(named({ ...row, kind: 'create-server', notes }).outputs, { schedule: { scheduling } });
    const moved = named({ ...row, kind: 'migrate-server', notes });
    assert.deepEqual(moved.outputs, { 'choose destination': { scheduling } });
  });

  it('gives a step that no release has to a row that 0.1 would not have written', () => {
    assert.equal(named({ ...row, kind: 'teleport-server' }).stepName, 'step 1 of release 0.1');
    assert.equal(named({ ...row, step: 9 }).stepName, 'step 9 of release 0.1');
  });
});
