import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostName } from '../model/ids.ts';
import { describeRefusals, describeRefusalsToOwner, groupRefusals } from './describe-refusals.ts';

const refusal = (host: string, filter: string, why: string) => ({ host: host as HostName, filter, why });

describe('what is said of refused hosts', () => {
  const refusals = [
    refusal('a', 'ComputeFilter', 'The host is disabled: new disk.'),
    refusal('b', 'CapacityFilter', '2 vCPUs are asked for; 4 of 4 are taken.'),
    refusal('c', 'ComputeFilter', 'The host is disabled: new disk.'),
    refusal('d', 'ComputeFilter', 'The host has not reported for 61 s.'),
  ];

  it('is how many each filter refused, and why', () => {
    assert.equal(
      describeRefusals(refusals),
      `ComputeFilter refused 3 of 4 hosts:
- a, c: The host is disabled: new disk.
- d: The host has not reported for 61 s.
CapacityFilter refused 1 of 4 hosts:
- b: 2 vCPUs are asked for; 4 of 4 are taken.`,
    );
    assert.equal(describeRefusals(refusals.slice(0, 1)).split('\n')[0], 'ComputeFilter refused 1 of 1 host:');
  });

  it('counts all of many thousand, and names some', () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      refusal(`host-${n}`, n % 2 === 0 ? 'ComputeFilter' : 'CapacityFilter', `Reason ${n}.`),
    );
    assert.deepEqual(
      groupRefusals(many).map(({ filter, count, reasons }) => [filter, count, reasons.length]),
      [
        ['ComputeFilter', 5_000, 100],
        ['CapacityFilter', 5_000, 100],
      ],
    );
    assert.match(describeRefusals(many), /^- and 4900 more$/m);
    assert.ok(describeRefusals(many).length < 20_000);
  });
});

describe('what owners are told of refusals', () => {
  const by = (...filters: string[]) =>
    describeRefusalsToOwner(
      filters.map((filter, index) => ({ filter, host: `h${index}` as HostName, why: 'The host x is y.' })),
    );
  const usual = 'There are not enough hosts available.';

  it('is the reason that rules out every host that is in question', () => {
    assert.match(by('UniqueSerialFilter', 'UniqueSerialFilter'), /may go to can give it its own serial/);
    assert.match(by('ComputeFilter', 'UniqueSerialFilter', 'IgnoredHosts'), /own serial/);
    assert.match(by('PlatformFilter'), /hw_machine_type/);
    assert.match(by('ImagePropertiesFilter'), /hw_architecture/);
    assert.match(by('HostSerialFilter'), /for the operator to mend/);
  });

  it('is nothing more than usual where there are several reasons, none, or one for operators', () => {
    for (const filters of [
      ['UniqueSerialFilter', 'CapacityFilter'],
      ['PlatformFilter', 'HostSerialFilter'],
      ['CapacityFilter'],
      ['ComputeFilter'],
      ['AggregateInstanceExtraSpecsFilter'],
      [],
    ])
      assert.equal(by(...filters), usual, filters.join());
  });
});
