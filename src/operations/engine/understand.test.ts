import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleOperation } from '../../../test/laws/sample-operation.ts';
import type { Operation } from '../../model/operation.ts';
import { Type } from '../../model/schema.ts';
import { createServer } from '../kinds/create-server.ts';
import { OPERATION_KINDS } from '../kinds/operation-kinds.ts';
import { asRequested } from './beginning.ts';
import type { OperationKind } from './step.ts';
import { schemaOf } from './stored-values.ts';
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

  it("is understood as it is when it is of its kind's version", () => {
    const understood = understand(KINDS, created);
    assert.ok(understood.ok);
    assert.deepEqual(understood.operation, created);
  });
});

/** A later release's create: it has renamed a step, added one, and keeps other values. */
const GROWN = {
  ...createServer,
  version: 3,
  input: asRequested(schemaOf<{ zone: string }>({ zone: Type.String() })),
  steps: createServer.steps.flatMap((step) =>
    step.name === 'schedule'
      ? [
          { ...step, name: 'choose host', output: schemaOf<{ host: string }>({ host: Type.String() }) },
          { ...step, name: 'plug ports', output: null },
        ]
      : [step],
  ),
  upgrades: {
    1: (row) => ({ ...row, input: { zone: nameIn(row.input) } }),
    2({ step, input, outputs: { schedule, ...outputs }, notUndone }) {
      const renamed = (name: string) => (name === 'schedule' ? 'choose host' : name);
      const host = (schedule as { scheduling: { host: string } } | undefined)?.scheduling.host;
      return {
        step: step === null ? null : renamed(step),
        input,
        outputs: host === undefined ? outputs : { ...outputs, 'choose host': { host }, 'plug ports': null },
        notUndone: notUndone.map(renamed),
      };
    },
  },
} satisfies OperationKind;

function nameIn({ host }: Operation['input']): string {
  if (typeof host !== 'string') throw new Error('there is no host in the input');
  return `zone of ${host}`;
}

function asGrown(fields: Partial<Operation>) {
  const understood = understand(new Map([['create-server', GROWN]]), { ...created, ...fields });
  if (!understood.ok) return understood.why;
  const { version, step, input, outputs, notUndone } = understood.operation;
  return { version, step, input, outputs, notUndone };
}

describe('a stored operation of an earlier version', () => {
  const failure = { kind: 'unavailable', message: 'm', operatorText: 'o' };
  const zone = { input: { zone: 'zone of h' } } as const;

  it('is converted version by version: input, outputs and names of steps', () => {
    const outputs = { schedule: { scheduling }, 'create disks': null };
    assert.deepEqual(asGrown({ input: { host: 'h' }, step: 'define', outputs }), {
      ...{ version: 3, step: 'define', ...zone, notUndone: [] },
      outputs: { 'create disks': null, 'choose host': { host: 'h' }, 'plug ports': null },
    });
  });

  it('is converted at a step that was renamed, and while it unwinds', () => {
    const unwinding = { state: 'unwinding', step: 'schedule', notUndone: ['schedule'], failure } as const;
    assert.deepEqual(asGrown({ input: { host: 'h' }, ...unwinding }), {
      ...{ version: 3, step: 'choose host', ...zone, outputs: {}, notUndone: ['choose host'] },
    });
  });

  it('is converted from the version in the middle, too', () => {
    assert.deepEqual(asGrown({ version: 2, ...zone, step: null }), {
      ...{ version: 3, step: null, ...zone, outputs: {}, notUndone: [] },
    });
  });

  it('is not understood where no conversion begins at its version, or the conversion refuses it', () => {
    assert.equal(
      asGrown({ version: 0 }),
      'It is of version 0 of create-server; this release runs version 3 and converts version 1, 2.',
    );
    assert.equal(
      asGrown({ version: 4 }),
      'It is of version 4 of create-server; this release runs version 3 and converts version 1, 2.',
    );
    assert.equal(
      asGrown({}),
      "It is of version 1 of create-server, and cannot be converted to version 3: 'Error: there is no host in the input'.",
    );
  });

  it('is checked by the schemas of its kind after it was converted', () => {
    const outputs = { schedule: { scheduling: { host: 7 } } };
    assert.match(
      String(asGrown({ version: 2, ...zone, outputs })),
      /step 'choose host' cannot be read: \/host /,
    );
  });
});
