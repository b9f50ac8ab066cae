import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleOperation } from '../../../test/laws/sample-operation.ts';
import type { Operation } from '../../model/operation.ts';
import { OPERATION_KINDS } from '../kinds/operation-kinds.ts';
import { understand } from './understand.ts';

const KINDS = new Map(OPERATION_KINDS.map((kind) => [kind.kind as string, kind]));
const created = sampleOperation({ input: { host: null } });
const scheduling = { host: 'h', among: 1, refused: [] };

function whyNot(fields: Partial<Operation>): string {
  const understood = understand(KINDS, { ...created, ...fields });
  return understood.ok ? 'understood' : understood.why;
}

const UNKNOWN: readonly (readonly [what: string, fields: Partial<Operation>, why: RegExp])[] = [
  ['a kind that it does not have', { kind: 'teleport' }, /of kind 'teleport', which this release does not have; it has create-server, /],
  ['a newer version', { version: 2 }, /is of version 2 of create-server; this release runs version 1\./],
  ['a step that it does not have', { step: 'paint' }, /names a step 'paint', which create-server does not have; it has schedule, /],
  ['the output of a step that it does not have', { outputs: { paint: null } }, /names a step 'paint'/],
  ['an undo of a step that it does not have', { notUndone: ['paint'] }, /names a step 'paint'/],
  ['an input that it does not have', { input: { host: null, rack: 4 } }, /Its input cannot be read: .*additional/],
  ['an input of another type', { input: { host: 7 } }, /Its input cannot be read: \/host /],
  ['an output of another type', { outputs: { schedule: { scheduling: { ...scheduling, among: 'all' } } } }, /The output of its step 'schedule' cannot be read: \/scheduling\/among /],
  ['an output where there is none', { outputs: { boot: { fast: true } } }, /The output of its step 'boot' cannot be read: the step has none\./],
  ['a kind of failure that it does not have', { failure: { kind: 'tired', message: 'm', operatorText: 'o' } }, /failed with 'tired'/],
]; // biome-ignore format: a table

describe('a stored operation', () => {
  it('is understood with the steps, input and outputs that its kind has', () => {
    assert.equal(whyNot({}), 'understood');
    const outputs = { schedule: { scheduling }, 'create disks': null };
    assert.equal(whyNot({ step: null, outputs }), 'understood');
    const failure = { kind: 'unavailable', message: 'm', operatorText: 'o' };
    assert.equal(whyNot({ state: 'unwinding', failure, notUndone: ['boot'] }), 'understood');
  });

  for (const [what, fields, why] of UNKNOWN)
    it(`is not understood with ${what}, and the sentence says so`, () => {
      assert.match(whyNot(fields), why);
    });

  it('is quoted at no length that it chose', () => {
    assert.ok(whyNot({ step: 'x'.repeat(100_000) }).length < 300);
  });
});
