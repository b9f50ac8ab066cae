import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TSchema } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { bodyCheck, queryCheck } from './validation.ts';

function refusalOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.kind, 'invalid');
    return error.message;
  }
  return 'accepted';
}

const closed = { additionalProperties: false } as const;
const inServer = (properties: Record<string, TSchema>) =>
  Type.Object(
    { server: Type.Object(properties as Record<string, ReturnType<typeof Type.String>>, closed) },
    closed,
  );
const name = { name: Type.String({ minLength: 1, maxLength: 3 }) };

describe("a refused body, in Nova's words", () => {
  const cases: readonly [schema: TSchema, body: unknown, words: string][] = [
    [
      inServer(name),
      { server: {} },
      "Invalid input for field/attribute server. Value: {}. 'name' is a required property",
    ],
    [
      inServer(name),
      { server: { name: 1 } },
      "Invalid input for field/attribute name. Value: 1. 1 is not of type 'string'",
    ],
    [
      inServer(name),
      { server: { name: null } },
      "Invalid input for field/attribute name. Value: None. None is not of type 'string'",
    ],
    [
      inServer(name),
      { server: { name: true } },
      "Invalid input for field/attribute name. Value: True. True is not of type 'string'",
    ],
    [
      inServer(name),
      { server: { name: '' } },
      "Invalid input for field/attribute name. Value: . '' is too short",
    ],
    [
      inServer(name),
      { server: { name: 'abcd' } },
      "Invalid input for field/attribute name. Value: abcd. 'abcd' is too long",
    ],
    [
      inServer(name),
      { server: { name: 'a', zzz: 1 } },
      "Invalid input for field/attribute server. Value: {'name': 'a', 'zzz': 1}. Additional properties are not allowed ('zzz' was unexpected)",
    ],
    [
      inServer({ type: Type.String({ enum: ['HARD', 'SOFT'] }) }),
      { server: { type: 'x' } },
      "Invalid input for field/attribute type. Value: x. 'x' is not one of ['HARD', 'SOFT']",
    ],
    [
      inServer({ n: Type.Integer({ minimum: 1 }) }),
      { server: { n: 0 } },
      'Invalid input for field/attribute n. Value: 0. 0 is less than the minimum of 1',
    ],
    [
      inServer({ id: Type.String({ format: 'uuid' }) }),
      { server: { id: "it's" } },
      "Invalid input for field/attribute id. Value: it's. \"it's\" is not a 'uuid'",
    ],
    [inServer(name), [], "[] is not of type 'object'"],
    [inServer(name), undefined, 'Malformed request body'],
  ];
  for (const [schema, body, words] of cases)
    test(words, () =>
      assert.equal(
        refusalOf(() => bodyCheck(schema)(body)),
        words,
      ),
    );

  test('a sentence of its own, where the schema has one', () => {
    const schema = inServer({ name: Type.String({ pattern: '^a', refusal: 'It must begin with a.' }) });
    assert.equal(
      refusalOf(() => bodyCheck(schema)({ server: { name: 'b' } })),
      'It must begin with a.',
    );
  });
  test('a long value is cut', () => {
    const words = refusalOf(() => bodyCheck(inServer(name))({ server: { name: 'x'.repeat(100_000) } }));
    assert.ok(words.length < 3000);
  });
  test('nothing is converted, and nothing that is right is changed', () => {
    const body = { server: { name: '1' } };
    assert.equal(bodyCheck(inServer(name))(body), body);
    assert.deepEqual(body, { server: { name: '1' } });
  });
  test('for /v2, keys that are not known are dropped', () => {
    const check = bodyCheck(inServer(name));
    assert.deepEqual(check({ server: { name: 'a', zzz: 1 }, y: 2 }, { dropUnknown: true }), {
      server: { name: 'a' },
    });
  });
  test('base64: its alphabet, and padded', () => {
    const check = bodyCheck(inServer({ data: Type.String({ format: 'base64' }) }));
    for (const data of ['', 'eA==', 'eHh4', 'eHh4\neHh4']) check({ server: { data } });
    for (const data of ['%%', 'eA', 'eA=', '====', 'e\0=='])
      assert.notEqual(
        refusalOf(() => check({ server: { data } })),
        'accepted',
        data,
      );
  });
});

describe('query words', () => {
  const schema = Type.Object(
    {
      limit: Type.Optional(Type.String({ pattern: '^[0-9]*$' })),
      status: Type.Optional(Type.Array(Type.String())),
    },
    { ...closed, patternProperties: { '^_': {} } },
  );
  const check = queryCheck(schema);

  test('the last of several counts, unless the schema takes a list', () => {
    assert.deepEqual(
      { ...(check({ limit: ['1', '2'], status: 'a' }) as object) },
      { limit: '2', status: ['a'] },
    );
    assert.deepEqual({ ...(check({ status: ['a', 'b'] }) as object) }, { status: ['a', 'b'] });
  });
  test('a wrong one', () =>
    assert.equal(
      refusalOf(() => check({ limit: 'abc' })),
      "Invalid input for query parameters limit. Value: abc. 'abc' does not match '^[0-9]*$'",
    ));
  test('an unknown one, where unknown ones are refused', () => {
    assert.equal(
      refusalOf(() => check({ zz: '1' })),
      "'zz' does not match any of the regexes: '^_'",
    );
    assert.equal(
      refusalOf(() => check({ _zz: '1' })),
      'accepted',
    );
  });
});
