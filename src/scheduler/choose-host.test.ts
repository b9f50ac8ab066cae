import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FlavorSnapshot } from '../model/flavor.ts';
import type { ComputeHost } from '../model/host.ts';
import type { FlavorId, HostName } from '../model/ids.ts';
import { chooseHost } from './choose-host.ts';
import type { Candidate, SchedulerLimits, Wanted } from './filter.ts';

const NOW = 1_700_000_000_000;
const limits: SchedulerLimits = {
  cpuAllocationRatio: 4,
  ramAllocationRatio: 1,
  diskAllocationRatio: 1,
  reservedMemoryMb: 512,
  reservedDiskGb: 10,
  serviceDownMs: 60_000,
};
const flavor: FlavorSnapshot = {
  id: '1' as FlavorId,
  name: 'small',
  vcpus: 2,
  ramMb: 1024,
  rootGb: 10,
  ephemeralGb: 5,
  swapMb: 0,
  rxtxFactor: 1,
  extraSpecs: {},
};
const wanted: Wanted = { flavor, zone: null, host: null };

function candidate(name: string, changes: Partial<ComputeHost> = {}, used: Partial<Candidate['used']> = {}) {
  const host: ComputeHost = {
    name: name as HostName,
    hostIp: '192.0.2.1',
    number: 1,
    hypervisorId: 'h',
    serviceId: 's',
    zone: 'nova',
    status: 'enabled',
    disabledReason: null,
    forcedDown: false,
    lastSeenAt: NOW,
    startedAt: NOW,
    serialOption: 'auto',
    machineId: { state: 'absent', file: '/etc/machine-id' },
    hypervisorType: 'QEMU',
    hypervisorVersion: 9_000_000,
    hypervisorHostname: name,
    arch: 'x86_64',
    cpuInfo: {},
    capacity: { vcpus: 4, memoryMb: 8192, diskGb: 100 },
    hardwareUuid: null,
    givesSerial: true,
    features: ['unique-serial'],
    version: '0.1.0',
    ...changes,
  };
  return { host, used: { cores: 0, ramMb: 0, diskGb: 0, ...used } };
}

function choose(candidates: readonly Candidate[], asked: Partial<Wanted> = {}) {
  return chooseHost({ ...wanted, ...asked }, { candidates, limits, now: NOW });
}

/** One host that will not do, and what must be said of it; `null`: it will do. */
const ROWS: readonly (readonly [string, Candidate, string | null, Partial<Wanted>?])[] = [
  ['free', candidate('a'), null],
  ['disabled', candidate('a', { status: 'disabled', disabledReason: 'new disk' }), 'ComputeFilter: The host is disabled: new disk.'],
  ['disabled without a reason', candidate('a', { status: 'disabled' }), 'ComputeFilter: The host is disabled: no reason was given.'],
  ['forced down', candidate('a', { forcedDown: true }), 'ComputeFilter: The host was forced down by an administrator.'],
  ['just not silent too long', candidate('a', { lastSeenAt: NOW - 60_000 }), null],
  ['silent', candidate('a', { lastSeenAt: NOW - 61_000 }), 'ComputeFilter: The host has not reported for 61 s.'],
  ['in the zone', candidate('a', { zone: 'east' }), null, { zone: 'east' }],
  ['in another zone', candidate('a'), 'AvailabilityZoneFilter: The host is in zone nova; the server must go to zone east.', { zone: 'east' }],
  ['the one that was named', candidate('a'), null, { host: 'a' }],
  ['another than was named', candidate('a'), 'AvailabilityZoneFilter: The server must go to host b.', { host: 'b' }],
  ['full to the last vCPU', candidate('a', {}, { cores: 14 }), null],
  ['without a vCPU left', candidate('a', {}, { cores: 15 }), 'CapacityFilter: 2 vCPUs are asked for; 15 of 16 are taken.'],
  ['full to the last MiB', candidate('a', {}, { ramMb: 6656 }), null],
  ['without memory', candidate('a', {}, { ramMb: 6657 }), 'CapacityFilter: 1024 MiB of memory are asked for; 6657 of 7680 are taken.'],
  ['full to the last GiB', candidate('a', {}, { diskGb: 75 }), null],
  ['without disk', candidate('a', {}, { diskGb: 76 }), 'CapacityFilter: 15 GiB of disk are asked for; 76 of 90 are taken.'],
  ['without disk, for a server that needs none', candidate('a', {}, { diskGb: 200 }), null, { flavor: { ...flavor, rootGb: 0, ephemeralGb: 0 } }],
]; // biome-ignore format: a table

describe('one host', () => {
  for (const [what, only, said, asked] of ROWS)
    it(`${what} ${said === null ? 'will do' : 'will not do, and it is said why'}`, () => {
      const { host, refusals } = choose([only], asked);
      assert.equal(host, said === null ? 'a' : null);
      assert.deepEqual(
        refusals.map(({ filter, why }) => `${filter}: ${why}`),
        said === null ? [] : [said],
      );
    });
});

describe('among several hosts', () => {
  it('the one with the most free memory is chosen, the first of equals', () => {
    const busy = candidate('busy', {}, { ramMb: 1 });
    assert.equal(choose([busy, candidate('a'), candidate('b')]).host, 'a');
    const large = candidate('large', { capacity: { vcpus: 4, memoryMb: 9000, diskGb: 100 } }, { ramMb: 900 });
    assert.equal(choose([large, candidate('a')]).host, 'a');
  });

  it('each is chosen or refused with one sentence, and none is chosen only when all are refused', () => {
    const anyCandidate = fc.record({
      disabled: fc.boolean(),
      down: fc.boolean(),
      silent: fc.boolean(),
      zone: fc.constantFrom('nova', 'east'),
      cores: fc.integer({ min: 0, max: 20 }),
      ramMb: fc.integer({ min: 0, max: 8192 }),
    });
    const anyWanted = fc.record({
      zone: fc.constantFrom(null, 'nova', 'east'),
      host: fc.constantFrom(null, 'host-0'),
    });
    fc.assert(
      fc.property(fc.array(anyCandidate, { maxLength: 6 }), anyWanted, (drawn, asked) => {
        const candidates = drawn.map(({ disabled, down, silent, zone, cores, ramMb }, index) =>
          candidate(
            `host-${index}`,
            {
              status: disabled ? 'disabled' : 'enabled',
              forcedDown: down,
              lastSeenAt: silent ? 0 : NOW,
              zone,
            },
            { cores, ramMb },
          ),
        );
        const { host, refusals } = choose(candidates, asked);
        const refused = new Set(refusals.map((refusal) => refusal.host));
        assert.equal(refused.size, refusals.length);
        assert.equal(host === null, refusals.length === candidates.length);
        if (host === null) return;
        assert.ok(!refused.has(host));
        const free = ({ host, used }: Candidate) => host.capacity.memoryMb - used.ramMb;
        const chosen = candidates.find((each) => each.host.name === host)!;
        for (const other of candidates)
          assert.ok(refused.has(other.host.name) || free(other) <= free(chosen));
      }),
    );
  });
});
