import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  array,
  type Codec,
  decode,
  double,
  encode,
  fallback,
  i32,
  i64,
  opaque,
  optional,
  string,
  struct,
  u32,
  u64,
  uuid,
} from './codec.ts';
import { EncodeError, ProtocolError } from './errors.ts';
import { type TypedParam, typedParam } from './typed-param.ts';

const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T, keyof T>(fields, { noNullPrototype: true });
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const hyper = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const unsignedHyper = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const unsigned = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const param: fc.Arbitrary<TypedParam> = fc.oneof(
  record({ field: text, type: fc.constant('int' as const), value: fc.integer() }),
  record({ field: text, type: fc.constant('uint' as const), value: unsigned }),
  record({ field: text, type: fc.constant('llong' as const), value: hyper }),
  record({ field: text, type: fc.constant('ullong' as const), value: unsignedHyper }),
  record({ field: text, type: fc.constant('double' as const), value: fc.double() }),
  record({ field: text, type: fc.constant('boolean' as const), value: fc.boolean() }),
  record({ field: text, type: fc.constant('string' as const), value: text }),
);

/** Each codec, with values for it. */
const cases: readonly (readonly [name: string, codec: Codec<unknown>, values: fc.Arbitrary<unknown>])[] = [
  ['i32', i32, fc.integer()],
  ['u32', u32, unsigned],
  ['i64', i64, hyper],
  ['u64', u64, unsignedHyper],
  ['double', double, fc.double()],
  ['string', string, text],
  ['opaque', opaque, fc.uint8Array()],
  ['uuid', uuid, fc.uuid()],
  ['optional', optional(string), fc.option(text, { nil: undefined })],
  ['array', array(string), fc.array(text)],
  ['typed parameter', typedParam, param],
  ['struct', struct({ a: string, b: array(u64) }), record({ a: text, b: fc.array(unsignedHyper) })],
];

describe('XDR', () => {
  for (const [name, codec, values] of cases) {
    it(`${name}: reads what it wrote, in whole words of four bytes, at least as many as its size`, () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = encode(codec, value);
          assert.deepEqual(decode(codec, bytes), value);
          assert.equal(bytes.length % 4, 0);
          assert.ok(bytes.length >= codec.size);
        }),
      );
    });

    it(`${name}: a message cut short anywhere, or too long, is refused`, () => {
      fc.assert(
        fc.property(values, fc.nat(), (value, cut) => {
          const bytes = encode(codec, value);
          const short = bytes.subarray(0, cut % Math.max(1, bytes.length));
          if (short.length < bytes.length) assert.throws(() => decode(codec, short), ProtocolError);
          assert.throws(() => decode(codec, Buffer.concat([bytes, Buffer.alloc(4)])), ProtocolError);
        }),
      );
    });

    it(`${name}: any bytes give a value or a ProtocolError, nothing else`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          try {
            decode(codec, Buffer.from(bytes));
          } catch (error) {
            assert.ok(error instanceof ProtocolError, String(error));
          }
        }),
      );
    });
  }

  it('has the bytes of RFC 4506', () => {
    const fields = struct({ name: string, uuid, id: i32 });
    const value = { name: 'g1', uuid: '6f1c7d0a-3f43-4f6b-9a53-0d6a3c0c0001', id: 1 };
    const bytes = '00000002673100006f1c7d0a3f434f6b9a530d6a3c0c000100000001';
    assert.equal(encode(fields, value).toString('hex'), bytes);
    assert.equal(encode(optional(string), 'abcde').toString('hex'), '00000001000000056162636465000000');
    assert.equal(encode(i64, -2n).toString('hex'), 'fffffffffffffffe');
  });

  it('refuses an array that claims more items than the message can hold', () => {
    assert.throws(() => decode(array(uuid), Buffer.from('ffffffff00000000', 'hex')), /4294967295 items/);
  });

  it('refuses a string longer than libvirt allows, before reading it', () => {
    assert.throws(() => decode(string, Buffer.from('00400001', 'hex')), /4194305 bytes; at most 4194304/);
    assert.throws(() => encode(string, 'x'.repeat(4_194_305)), EncodeError);
  });

  it('refuses a flag that is neither 0 nor 1', () => {
    assert.throws(() => decode(optional(u32), Buffer.from('0000000200000000', 'hex')), ProtocolError);
  });

  it('names the field of a value that does not fit', () => {
    const fields = struct({ name: string, count: u32, big: u64, id: uuid });
    const good = { name: 'a', count: 1, big: 1n, id: '6f1c7d0a-3f43-4f6b-9a53-0d6a3c0c0001' };
    for (const [bad, field] of [
      [{ ...good, name: 'a\0b' }, 'name'],
      [{ ...good, name: '\ud800' }, 'name'],
      [{ ...good, name: 7 as unknown as string }, 'name'],
      [{ ...good, count: -1 }, 'count'],
      [{ ...good, count: 1.5 }, 'count'],
      [{ ...good, big: -1n }, 'big'],
      [{ ...good, big: 2n ** 64n }, 'big'],
      [{ ...good, id: 'x' }, 'id'],
      [{ ...good, id: undefined as unknown as string }, 'id'],
    ] as const)
      assert.throws(
        () => encode(fields, bad),
        (error) => error instanceof EncodeError && error.message.startsWith(`${field}: `),
      );
  });

  it('fills in what a caller may leave out', () => {
    const fields = struct({ flags: fallback(u32, 5), note: optional(string) });
    const bytes = encode(fields as Codec<{ flags?: number; note?: string }>, {});
    assert.equal(bytes.toString('hex'), '0000000500000000');
  });
});
