import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineIdReading } from '../model/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import { decideSerial } from './decision.ts';
import { identityFault } from './identity.ts';
import { SERIAL_OPTIONS, type SerialOption } from './policy.ts';

const file = '/etc/machine-id';
const READINGS: Readonly<Record<string, MachineIdReading>> = {
  good: { state: 'read', file, text: '0123abcd456789ef0123456789abcdef\n' },
  empty: { state: 'read', file, text: '' },
  malformed: { state: 'read', file, text: 'uninitialized\n' },
  unreadable: { state: 'unreadable', file, why: 'EACCES' },
  absent: { state: 'absent', file },
};

/** What an agent must complain of when it starts. */
const FAULTS: readonly (readonly [SerialOption, ...string[]])[] = [
  ['none'],
  ['hardware'],
  ['os', 'empty', 'malformed', 'unreadable', 'absent'],
  ['auto', 'empty', 'malformed', 'unreadable'],
  ['unique', 'empty', 'malformed', 'unreadable'], // a flavor or image that says false falls back to auto
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
    const allWishes = [undefined, false, true].flatMap((flavor) =>
      [undefined, false, true].map((image) => ({ flavor, image })),
    );
    const serverId = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
    for (const option of SERIAL_OPTIONS)
      for (const reading of Object.keys(READINGS)) {
        const here = identity(option, reading);
        const refuses = allWishes.some((wishes) => !decideSerial({ serverId, wishes }, here).decided);
        assert.equal(identityFault(here) !== undefined, refuses, `${option}, ${reading}`);
      }
  });
});
