import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from '../schema.ts';
import { checked } from './checked.ts';
import { atLeast, count, dictionary, exactly, list, nullable } from './primitives.ts';
import { forbiddenField } from './unknown-fields.ts';

const PART = atLeast<{ size: number }>({ size: count() });
const SCHEMA = atLeast<Record<'one' | 'maybe' | 'many' | 'named' | 'either', unknown>>({
  one: PART,
  maybe: nullable(PART),
  many: list(PART, 10),
  named: dictionary(PART, { most: 10, longestKey: 10 }),
  either: Type.Union([Type.Literal('none'), PART]),
});

/** A part, and the same with what a newer peer says beside it. */
const part = fc
  .record({ size: fc.nat(), more: fc.option(fc.jsonValue(), { nil: undefined }) })
  .map(({ size, more }) => ({ plain: { size }, said: more === undefined ? { size } : { size, more } }));

const message = fc.record({
  one: part,
  maybe: fc.option(part),
  many: fc.array(part, { maxLength: 3 }),
  named: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), part, { maxKeys: 3 }),
  either: fc.oneof(fc.constant('none' as const), part),
});

type Which = 'plain' | 'said';
function messageOf(
  { one, maybe, many, named, either }: typeof message extends fc.Arbitrary<infer Made> ? Made : never,
  which: Which,
) {
  return {
    one: one[which],
    maybe: maybe?.[which] ?? null,
    many: many.map((each) => each[which]),
    named: Object.fromEntries(Object.entries(named).map(([name, each]) => [name, each[which]])),
    either: either === 'none' ? either : either[which],
  };
}

test('fields that a schema does not know are dropped, wherever they stand', () => {
  fc.assert(
    fc.property(message, fc.boolean(), (made, atTop) => {
      const said = { ...messageOf(made, 'said'), ...(atTop && { newer: 1 }) };
      const before = structuredClone(said);
      assert.deepEqual(checked(SCHEMA, said), { ok: true, value: messageOf(made, 'plain') });
      assert.deepEqual(said, before, 'what was said is as it was');
    }),
  );
});

test('a message that has none of them is not copied', () => {
  fc.assert(
    fc.property(message, (made) => {
      const said = messageOf(made, 'plain');
      const answer = checked(SCHEMA, said);
      assert.ok(answer.ok);
      assert.equal(answer.value, said);
    }),
  );
});

const STRICT = exactly<{ size: number }>({ size: count() });
const OF_STRICT = exactly<Record<'many' | 'named' | 'either' | 'open', unknown>>({
  many: list(STRICT, 10),
  named: dictionary(STRICT, { most: 10, longestKey: 10 }),
  either: Type.Union([Type.Literal('none'), STRICT, exactly<{ other: number }>({ other: count() })]),
  open: PART,
});
const ALLOWED = {
  many: [{ size: 1 }],
  named: { __proto__x: { size: 1 } },
  either: { other: 1 },
  open: { more: 1 },
};

for (const [where, value] of [
  ['/newer', { ...ALLOWED, newer: 1 }],
  ['/many/1/newer', { ...ALLOWED, many: [{ size: 1 }, { size: 'wrong', newer: 1 }] }],
  ['/named/x/newer', { ...ALLOWED, named: { x: { newer: 1 } } }],
  ['/either/newer', { ...ALLOWED, either: { newer: 1 } }],
] as const)
  test(`a field that a schema does not allow is found at ${where}, whatever else is wrong`, () => {
    assert.equal(forbiddenField(OF_STRICT, { ...value, open: 'wrong' }), where);
  });

test('a field that a schema drops, and one that any alternative of a union has, is not forbidden', () => {
  for (const value of [
    ALLOWED,
    { ...ALLOWED, either: { size: 1 } },
    { ...ALLOWED, either: 'none' },
    null,
    'x',
    [],
  ])
    assert.equal(forbiddenField(OF_STRICT, value), undefined);
});

test('an object that may be a list or a dictionary is not copied for its being no list', () => {
  const schema = Type.Union([list(count(), 10), dictionary(count(), { most: 10, longestKey: 10 })]);
  const value = { one: 1 };
  const parsed = checked(schema, value);
  assert.ok(parsed.ok);
  assert.equal(parsed.value, value);
});
