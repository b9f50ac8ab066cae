import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWithin } from './count-wanted.ts';

const flavor = { vcpus: 2, ramMb: 512 };
const used = { instances: 3, cores: 6, ramMb: 1536 };
const none = { instances: -1, cores: -1, ramMb: -1 };

test('fewer servers than the most are made when the limits leave no room for more, and these are enough', () => {
  for (const [limits, expected] of [
    [none, 5],
    [{ ...none, instances: 6 }, 3],
    [{ ...none, cores: 11 }, 2],
    [{ ...none, ramMb: 2559 }, 5], // room for one: not enough, so all are asked for and refused
    [{ ...none, ramMb: 2560 }, 2],
    [{ instances: 6, cores: 10, ramMb: 4096 }, 2],
    [{ ...none, instances: 2 }, 5],
  ] as const)
    assert.equal(
      countWithin({ least: 2, most: 5 }, { used, limits, flavor }),
      expected,
      JSON.stringify(limits),
    );
});
