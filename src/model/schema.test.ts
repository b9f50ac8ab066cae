import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type as TypeBox } from 'typebox';
import { Type } from './schema.ts';

/** What each builder makes, by either implementation. */
function schemasBy(type: typeof Type) {
  const word = type.String({ maxLength: 8 });
  return {
    Array: type.Array(word, { maxItems: 3 }),
    Boolean: type.Boolean(),
    Enum: type.Enum(['a', 'b'], { description: 'a letter' }),
    Integer: type.Integer({ minimum: 0 }),
    Literal: [type.Literal('a'), type.Literal(4), type.Literal(true)],
    Null: type.Null(),
    Number: type.Number({ maximum: 1 }),
    Object: [
      type.Object({}),
      type.Object({ a: word, b: type.Optional(word) }, { additionalProperties: false }),
      type.Object({ a: type.Optional(type.Unsafe<'x'>(type.Optional(word))) }),
      type.Object({ a: type.Unsafe<'x'>(type.Optional(word)), b: type.Optional(type.Object({ c: word })) }),
    ],
    Optional: type.Optional(word),
    Record: type.Record(type.String(), type.Union([word, type.Null()])),
    String: type.String(),
    Tuple: type.Tuple([word, type.Number()]),
    Union: type.Union([word, type.Null()], { default: null }),
    Unknown: type.Unknown(),
    Unsafe: type.Unsafe<'x'>({ type: 'string', format: 'x' }),
  };
}

describe('the schema builders', () => {
  const own = schemasBy(Type);
  const theirs = schemasBy(TypeBox);
  for (const name of Object.keys(Type) as (keyof typeof own)[])
    it(`${name} makes the JSON Schema that TypeBox makes`, () =>
      assert.equal(JSON.stringify(own[name]), JSON.stringify(theirs[name])));

  it('a copy of an optional schema is required, as with TypeBox', () => {
    const object = Type.Object({ a: { ...Type.Optional(Type.String()) } });
    assert.deepEqual(object.required, ['a']);
  });

  it('an optional schema leaves the one it was made from required', () => {
    const word = Type.String();
    Type.Optional(word);
    assert.deepEqual(Type.Object({ word }).required, ['word']);
  });
});
