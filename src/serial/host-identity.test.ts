import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineIdReading } from '../model/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import { decideSerial } from './decision.ts';
import { doubtfulIdentity } from './doubtful-identity.ts';
import { identityFault } from './host-identity.ts';
import { SERIAL_OPTIONS, type SerialOption } from './policy.ts';

const file = '/etc/machine-id';
const READINGS: Readonly<Record<string, MachineIdReading>> = {
  good: { state: 'read', file, text: '0123abcd456789ef0123456789abcdef\n' },
  empty: { state: 'read', file, text: '' },
  malformed: { state: 'read', file, text: 'uninitialized\n' },
  'one digit': { state: 'read', file, text: `${'0'.repeat(32)}\n` },
  unreadable: { state: 'unreadable', file, why: 'EACCES' },
  absent: { state: 'absent', file },
};

/** What an agent must complain of when it starts. */
const FAULTS: readonly (readonly [SerialOption, ...string[]])[] = [
  ['none'],
  ['hardware'],
  ['os', 'empty', 'malformed', 'one digit', 'unreadable', 'absent'],
  ['auto', 'empty', 'malformed', 'one digit', 'unreadable'],
  ['unique', 'empty', 'malformed', 'one digit', 'unreadable'], // a flavor or image that says false falls back to auto
];

function identity(option: SerialOption, reading: string) {
  return { host: 'kant' as HostName, option, machineId: READINGS[reading]!, hardwareUuid: null };
}

describe("what is wrong with a host's own serial source", () => {
  for (const [option, ...faulty] of FAULTS) {
    it(`sysinfo_serial = ${option}: ${faulty.join(', ') || 'nothing ever'}`, () => {
      for (const reading of Object.keys(READINGS)) {
        const fault = identityFault(identity(option, reading));
        if (faulty.includes(reading))
          assert.match(
            fault ?? '',
            new RegExp(`^\\[libvirt\\] sysinfo_serial = ${option}: ${file} `),
            reading,
          );
        else assert.equal(fault, undefined, reading);
      }
    });
  }

  it('is said exactly where some guest would be refused', () => {
    const allPolicies = [undefined, false, true].flatMap((flavor) =>
      [undefined, false, true].map((image) => ({ flavor, image })),
    );
    const serverId = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
    for (const option of SERIAL_OPTIONS)
      for (const reading of Object.keys(READINGS)) {
        const here = identity(option, reading);
        const refuses = allPolicies.some((policy) => !decideSerial({ serverId, policy }, here).decided);
        assert.equal(identityFault(here) !== undefined, refuses, `${option}, ${reading}`);
      }
  });

  it('is a hardware UUID of one digit, where it is what guests would be given', () => {
    const broken = (option: SerialOption, reading: string) =>
      identityFault({ ...identity(option, reading), hardwareUuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' });
    for (const option of ['hardware', 'auto', 'unique'] as const)
      assert.match(broken(option, 'absent') ?? '', /host UUID in libvirt's capabilities is 'ffff.*one digit/);
    assert.match(broken('hardware', 'good') ?? '', /one digit/);
    assert.equal(broken('auto', 'good'), undefined);
    assert.equal(broken('none', 'absent'), undefined);
  });

  it('may be a doubt: a placeholder that many boards have is given, and named', () => {
    const doubt = (option: SerialOption, reading: string, hardwareUuid: string | null) =>
      doubtfulIdentity({ ...identity(option, reading), hardwareUuid });
    const placeholder = '03000200-0400-0500-0006-000700080009';
    assert.match(
      doubt('hardware', 'good', placeholder) ?? '',
      /03000200-.* is a placeholder that many boards have/,
    );
    assert.match(doubt('auto', 'absent', placeholder.toUpperCase()) ?? '', /placeholder/);
    assert.equal(doubt('auto', 'good', placeholder), undefined);
    assert.equal(doubt('none', 'absent', placeholder), undefined);
    assert.equal(doubt('hardware', 'good', '4c4c4544-0001-4000-8000-000000000001'), undefined);
    assert.equal(doubt('hardware', 'good', null), undefined);
    assert.equal(identityFault({ ...identity('hardware', 'good'), hardwareUuid: placeholder }), undefined);
  });
});
