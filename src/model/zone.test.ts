import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostName } from './ids.ts';
import { inTheirZones, zonesOf } from './zone.ts';

const host = (name: string, zone = 'nova') => ({ name: name as HostName, zone });
const aggregate = (number: number, hosts: string[], metadata: Record<string, string> = {}) => ({
  number,
  hosts: hosts as HostName[],
  metadata,
});

describe('the availability zone of a host', () => {
  it('is what its agent reports, where no aggregate says another', () => {
    const zones = zonesOf([host('a'), host('b', 'attic')], [aggregate(1, ['a'], { ssd: 'true' })]);
    assert.deepEqual([...zones], [
      ['a', 'nova'],
      ['b', 'attic'],
    ]); // biome-ignore format: pairs
  });

  it('is that of an aggregate it is in', () => {
    const aggregates = [aggregate(1, ['a', 'b']), aggregate(2, ['b', 'gone'], { availability_zone: 'east' })];
    assert.deepEqual([...zonesOf([host('a'), host('b')], aggregates)], [
      ['a', 'nova'],
      ['b', 'east'],
    ]); // biome-ignore format: pairs
  });

  it('is that of the oldest aggregate, should there be two', () => {
    const aggregates = [
      aggregate(7, ['a'], { availability_zone: 'west' }),
      aggregate(3, ['a'], { availability_zone: 'east' }),
    ];
    assert.deepEqual(zonesOf([host('a')], aggregates).get('a' as HostName), 'east');
    assert.deepEqual(inTheirZones([host('a')], aggregates), [host('a', 'east')]);
  });
});
