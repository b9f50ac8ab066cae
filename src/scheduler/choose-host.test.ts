import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { candidate, NOW, WANTED } from '../../test/lab/candidates.ts';
import { USUAL_SCHEDULING } from '../../test/lab/scheduling.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import { chooseHost } from './choose-host.ts';
import type { Candidate, HostRequirements } from './filter.ts';
import type { WeigherName } from './settings.ts';

function choose(
  candidates: readonly Candidate[],
  asked: Partial<HostRequirements> = {},
  multipliers: Partial<Record<WeigherName, number>> = {},
) {
  const settings = {
    ...USUAL_SCHEDULING,
    multipliers: { ...USUAL_SCHEDULING.multipliers, ...multipliers },
  };
  return chooseHost({ ...WANTED, ...asked }, { candidates, settings, now: NOW });
}

const busy = (name: string, used: Partial<Candidate['used']>) => candidate(name, {}, { used });

describe('among several hosts', () => {
  it('the one with the most free memory is chosen', () => {
    const large = candidate('large', { capacity: { vcpus: 4, memoryMb: 9000, diskGb: 100 } });
    assert.deepEqual(choose([busy('b', { ramMb: 1 }), large, candidate('a')]).hosts, ['large', 'a', 'b']);
    assert.equal(choose([busy('b', { ramMb: 1 }), candidate('a')], {}, { ram: -1 }).hosts[0], 'b');
  });

  it('servers are spread or packed by number', () => {
    const hosts = [
      busy('two', { instances: 2 }),
      busy('one', { instances: 1 }),
      busy('four', { instances: 4 }),
    ];
    assert.deepEqual(choose(hosts, {}, { numInstances: -1 }).hosts, ['one', 'two', 'four']);
    assert.deepEqual(choose(hosts, {}, { numInstances: 1 }).hosts, ['four', 'two', 'one']);
  });

  it('a soft group is kept together, or apart', () => {
    const others = new Map(Object.entries({ one: 1, two: 2 }) as [HostName, number][]);
    const hosts = ['two', 'one', 'none'].map((name) => candidate(name));
    const group = { name: 'g', maxServerPerHost: null, others };
    const together = choose(hosts, { group: { ...group, policy: 'soft-affinity' } });
    assert.deepEqual(together.hosts, ['two', 'one', 'none']);
    const apart = choose(hosts, { group: { ...group, policy: 'soft-anti-affinity' } });
    assert.deepEqual(apart.hosts, ['none', 'one', 'two']);
  });

  it('an aggregate sets another multiplier for its hosts', () => {
    const aggregates = [{ ram_weight_multiplier: '-1' }];
    const hosts = [candidate('free', {}, { aggregates }), busy('busy', { ramMb: 4096 })];
    assert.deepEqual(choose(hosts).hosts, ['busy', 'free']);
    const broken = candidate('free', {}, { aggregates: [{ ram_weight_multiplier: 'much' }] });
    assert.deepEqual(choose([broken, busy('busy', { ramMb: 4096 })]).hosts, ['free', 'busy']);
  });

  it('different servers go to different ones of equal hosts', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => candidate(`host-${index}`));
    const chosen = Array.from(
      { length: 50 },
      (_, n) => choose(hosts, { serverId: `s-${n}` as ServerId }).hosts[0],
    );
    assert.ok(new Set(chosen).size > 10);
  });
});

describe('for a server that is moved', () => {
  const machine = (word: string): Partial<Candidate['host']> => ({
    serialOption: 'os',
    machineId: { state: 'read', file: '/etc/machine-id', text: `${word}0`.repeat(16) },
  });
  const hosts = [candidate('ones', machine('1')), candidate('twos', machine('2')), candidate('own', { serialOption: 'unique' })];
  const serial = '20202020-2020-2020-2020-202020202020';

  it('the host is preferred that keeps its serial, also before one with more memory', () => {
    assert.equal(choose(hosts, { serial }).hosts[0], 'twos');
    assert.equal(choose(hosts, { serial: WANTED.serverId }).hosts[0], 'own');
    const used = { ramMb: 4096 };
    assert.equal(choose([candidate('ones', machine('1')), candidate('twos', machine('2'), { used })], { serial }).hosts[0], 'twos');
  });

  it('a host that can give no serial keeps none, and one without a serial keeps that', () => {
    const mute = candidate('mute', { serialOption: 'none' });
    const broken = candidate('broken', { ...machine('2'), machineId: { state: 'absent', file: '/etc/machine-id' } });
    assert.equal(choose([broken, mute], { serial: null }).hosts[0], 'mute');
  });

  it('it makes no difference to one that must have its own, nor to a new one', () => {
    const used = { ramMb: 1 };
    const two = [candidate('ones', machine('1')), candidate('twos', machine('2'), { used })];
    const flavor = { ...WANTED.flavor, extraSpecs: { 'hw:unique_serial': 'true' } };
    assert.equal(choose(two, { serial, flavor }).hosts[0], 'ones');
    assert.equal(choose(two, { serial: undefined }).hosts[0], 'ones');
    assert.equal(choose(two, { serial }, { serialStability: 0 }).hosts[0], 'ones');
  });
}); // biome-ignore format: short

const anyHost = fc.record({
  status: fc.constantFrom('enabled', 'enabled', 'enabled', 'disabled'),
  forcedDown: fc.constantFrom(false, false, true),
  zone: fc.constantFrom('nova', 'east'),
  cores: fc.integer({ min: 0, max: 5 }),
  ramMb: fc.integer({ min: 0, max: 8192 }),
  tier: fc.constantFrom(null, 'gold', 'gold,silver', 'silver'),
  features: fc.constantFrom(['unique-serial'], []),
});
const anyWanted = fc.record({
  serverId: fc.uuid() as fc.Arbitrary<ServerId>,
  zone: fc.constantFrom(null, null, 'nova', 'east'),
  host: fc.constantFrom(null, null, 'host-0' as HostName),
  tier: fc.constantFrom(null, null, 'gold', '>= 3'),
  own: fc.boolean(),
});

describe('whatever hosts there are and whatever is wanted', () => {
  const drawn = fc.tuple(fc.array(anyHost, { maxLength: 9 }), anyWanted).map(([hosts, { tier, own, ...wanted }]) => ({
    candidates: hosts.map(({ cores, ramMb, tier: has, ...changes }, index) =>
      candidate(`host-${index}`, changes as Partial<Candidate['host']>, { used: { cores, ramMb }, aggregates: has === null ? [] : [{ tier: has }] }),
    ),
    asked: {
      ...wanted,
      flavor: { ...WANTED.flavor, extraSpecs: { ...(tier !== null && { tier }), ...(own && { 'hw:unique_serial': 'true' }) } },
    },
  })); // biome-ignore format: long

  it('each host is offered or refused with one sentence, and none is offered only when all are refused', () => {
    fc.assert(
      fc.property(drawn, ({ candidates, asked }) => {
        const { hosts, refusals } = choose(candidates, asked);
        const refused = new Set(refusals.map(({ host }) => host));
        assert.equal(refused.size, refusals.length);
        assert.equal(hosts.length, Math.min(candidates.length - refused.size, 5));
        for (const host of hosts) assert.ok(!refused.has(host));
        for (const { why } of refusals) assert.match(why, /^[A-Z0-9].*\.$/);
      }),
    );
  });

  it('a host alone is refused if and only if it is refused among others', () => {
    fc.assert(
      fc.property(drawn, ({ candidates, asked }) => {
        const alone = candidates.flatMap((each) => choose([each], asked).refusals);
        assert.deepEqual(choose(candidates, asked).refusals, alone);
      }),
    );
  });

  it('the best is as free as any that was not refused', () => {
    fc.assert(
      fc.property(drawn, ({ candidates, asked }) => {
        const { hosts, refusals } = choose(candidates, asked);
        const refused = new Set(refusals.map(({ host }) => host));
        const chosen = candidates.find(({ host }) => host.name === hosts[0]);
        for (const { host, used } of candidates)
          if (!refused.has(host.name)) assert.ok(used.ramMb >= chosen!.used.ramMb);
      }),
    );
  });

  it('their order makes no difference', () => {
    const shuffled = drawn.chain(({ candidates, asked }) =>
      fc.tuple(
        fc.constant({ candidates, asked }),
        fc.shuffledSubarray(candidates, { minLength: candidates.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ candidates, asked }, others]) => {
        const [one, other] = [choose(candidates, asked), choose(others, asked)];
        assert.deepEqual(one.hosts, other.hosts);
        assert.deepEqual(new Set(one.refusals), new Set(other.refusals));
      }),
    );
  });
});
