import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TimeBound } from '../../store/promise/page.ts';
import { parseTimeBound } from './time-bound.ts';

const COMPARE: Record<TimeBound['operator'], (one: number, other: number) => boolean> = {
  gt: (one, other) => one > other,
  gte: (one, other) => one >= other,
  lt: (one, other) => one < other,
  lte: (one, other) => one <= other,
  eq: (one, other) => one === other,
  neq: (one, other) => one !== other,
};

test('a second that is named is compared with the second that an image shows', () => {
  const start = Date.UTC(2026, 0, 1);
  const time = fc.integer({ min: 0, max: 3000 }).map((milliseconds) => start + milliseconds);
  const operator = fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq');
  fc.assert(
    fc.property(operator, time, time, (name, image, named) => {
      const second = (at: number) => Math.floor(at / 1000) * 1000;
      const bounds = parseTimeBound(`${name}:${new Date(second(named)).toISOString().slice(0, 19)}Z`);
      const isFound = bounds.every((bound) => COMPARE[bound.operator](image, bound.at));
      assert.equal(isFound, COMPARE[name](second(image), second(named)));
    }),
  );
});

const at = Date.UTC(2026, 0, 1);
const table: [string, TimeBound[]][] = [
  ['gte:2026-01-01T00:00:00Z', [{ operator: 'gte', at }]],
  ['lt:2026-01-01T02:00:00+02:00', [{ operator: 'lt', at }]],
  ['lt:2026-01-01 00:00', [{ operator: 'lt', at }]],
  ['gt:2026-01-01T00:00:00.5Z', [{ operator: 'gt', at: at + 500 }]],
  ['lt:2026-01-01', [{ operator: 'lt', at }]],
];
for (const [text, expected] of table) test(text, () => assert.deepEqual(parseTimeBound(text), expected));
