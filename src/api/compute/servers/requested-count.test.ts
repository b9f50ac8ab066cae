import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../../model/failure.ts';
import { countWithin } from './requested-count.ts';

const flavor = { vcpus: 2, ramMb: 512 };
const used = { instances: 3, cores: 6, ramMb: 1536 };
const none = { instances: -1, cores: -1, ramMb: -1 };

test('fewer servers than the most are made when the limits leave no room for more, and these are enough', () => {
  for (const [limits, expected] of [
    [none, 5],
    [{ ...none, instances: 6 }, 3],
    [{ ...none, cores: 11 }, 2],
    [{ ...none, ramMb: 2560 }, 2],
    [{ instances: 6, cores: 10, ramMb: 4096 }, 2],
  ] as const)
    assert.equal(
      countWithin({ least: 2, most: 5 }, { used, limits, flavor, bound: 100 }),
      expected,
      JSON.stringify(limits),
    );
});

test('a count that the quota or the bound has no room for is refused before anything is made', () => {
  const within = (wanted: { least: number; most: number }, limits: typeof none, bound = 100) =>
    countWithin(wanted, { used, limits, flavor, bound });
  for (const limits of [
    { ...none, ramMb: 2559 },
    { ...none, instances: 2 },
    { instances: 4, cores: -1, ramMb: -1 },
  ])
    assert.throws(() => within({ least: 2, most: 5 }, limits), { kind: 'over-quota' });
  assert.throws(() => within({ least: 101, most: 1_000_000 }, none), {
    kind: 'invalid',
    message: /min_count.*101.*100 servers \(\[api\] max_servers_per_request\)/,
  });
  assert.equal(within({ least: 100, most: 1_000_000 }, none), 100);
  assert.equal(within({ least: 1, most: 1_000_000 }, { ...none, instances: 7 }), 4);
  assert.equal(within({ least: 1, most: 5 }, none, 3), 3);
});

test('whatever is wanted, no more are made than the bound, the most and the quota', () => {
  const number = fc.integer({ min: 1, max: 0x7fffffff });
  fc.assert(
    fc.property(number, number, fc.integer({ min: -1, max: 500 }), (one, other, instances) => {
      const wanted = { least: Math.min(one, other), most: Math.max(one, other) };
      let count: number;
      try {
        count = countWithin(wanted, { used, limits: { ...none, instances }, flavor, bound: 100 });
      } catch (refused) {
        return assert.ok(refused instanceof Failure);
      }
      assert.ok(count >= wanted.least && count <= Math.min(wanted.most, 100));
      assert.ok(instances === -1 || used.instances + count <= instances);
    }),
  );
});
