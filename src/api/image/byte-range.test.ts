import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ByteRange, parseByteRange } from './byte-range.ts';

const table: [string | undefined, number, ByteRange][] = [
  [undefined, 10, 'none'],
  ['', 10, 'none'],
  ['bytes=0-0', 10, { start: 0, end: 0 }],
  ['bytes=2-5', 10, { start: 2, end: 5 }],
  ['bytes=2-', 10, { start: 2, end: 9 }],
  ['bytes=2-99', 10, { start: 2, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-99', 10, { start: 0, end: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-5', 0, 'unsatisfiable'],
  ['bytes=5-2', 10, 'none'],
  ['bytes=-', 10, 'none'],
  ['bytes=0-1,3-4', 10, 'none'],
  ['lines=0-1', 10, 'none'],
  ['bytes=a-b', 10, 'none'],
  ['bytes=99999999999999999999-', 10, 'none'],
];
for (const [header, size, expected] of table)
  test(`${header} of ${size}`, () => assert.deepEqual(parseByteRange(header, size), expected));

test('a range always lies within the data', () => {
  const number = fc.oneof(fc.constant(''), fc.nat().map(String));
  fc.assert(
    fc.property(number, number, fc.nat(), (first, last, size) => {
      const range = parseByteRange(`bytes=${first}-${last}`, size);
      if (typeof range === 'string') return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < size);
    }),
  );
});
