import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HostName, ServerId } from '../model/ids.ts';
import { decideSerial } from './decision.ts';
import { reportedHostIdentity } from './host-identity.ts';
import { SERIAL_OPTIONS } from './policy.ts';
import { type PreviewedHost, previewMoves } from './preview.ts';

const SERVER = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
const MACHINE = '0123abcd-4567-89ef-0123-456789abcdef';
const HARDWARE = '00000000-0000-4000-8000-000000000001';
const unset = { serverId: SERVER, policy: { flavor: undefined, image: undefined } };
const own = { serverId: SERVER, policy: { flavor: true, image: undefined } };

const host = (fields: Partial<PreviewedHost> = {}): PreviewedHost => ({
  name: 'kant' as HostName,
  serialOption: 'os',
  machineId: { state: 'read', file: '/etc/machine-id', text: MACHINE },
  hardwareUuid: HARDWARE,
  givesSerial: true,
  arch: 'x86_64',
  features: ['unique-serial'],
  ...fields,
});
const outcome = (...asked: Parameters<typeof previewMoves>) => previewMoves(...asked)[0]!;

describe('a preview of moves', () => {
  it('keeps the serial where the host gives the same one', () => {
    assert.equal(outcome(unset, [host()], MACHINE).outcome, 'keeps');
    assert.equal(outcome(own, [host()], SERVER).outcome, 'keeps');
    assert.equal(outcome(unset, [host({ serialOption: 'none' })], null).outcome, 'keeps');
  });

  it('changes it where the host gives another, and says which', () => {
    const { outcome: what, decision } = outcome(unset, [host({ serialOption: 'hardware' })], MACHINE);
    assert.deepEqual([what, decision?.serial], ['changes', HARDWARE]);
    assert.equal(outcome(unset, [host({ serialOption: 'none' })], MACHINE).outcome, 'changes');
    assert.equal(outcome(unset, [host()], null).outcome, 'changes');
  });

  it('gives the first one to a guest that was never started', () => {
    assert.equal(outcome(unset, [host()], undefined).outcome, 'gives');
  });

  it('says which hosts refuse, and why', () => {
    const machineId = { state: 'read', file: '/etc/machine-id', text: '' } as const;
    const broken = outcome(unset, [host({ machineId })], MACHINE);
    assert.deepEqual([broken.outcome, broken.decision], ['refuses', null]);
    assert.match(broken.why!, /\/etc\/machine-id is empty/);
    assert.equal(outcome(own, [host({ machineId })], SERVER).outcome, 'keeps');
    assert.match(outcome(own, [host({ givesSerial: false })], SERVER).why!, /cannot be given a serial/);
    assert.match(outcome(own, [host({ features: [] })], SERVER).why!, /does not say/);
    assert.equal(outcome(unset, [host({ features: [] })], MACHINE).outcome, 'keeps');
  });

  it('has one line a host, in their order, each with the decision that the host itself would make', () => {
    const anyHost = fc.record({
      name: fc.string({ minLength: 1 }).map((name) => name as HostName),
      serialOption: fc.constantFrom(...SERIAL_OPTIONS),
      machineId: fc.constantFrom(host().machineId, { state: 'absent', file: '/etc/machine-id' } as const),
      hardwareUuid: fc.option(fc.uuid()),
      givesSerial: fc.constant(true),
      arch: fc.constant('x86_64'),
      features: fc.constant(['unique-serial']),
    });
    const anyPolicyValue = fc.constantFrom(undefined, true, false);
    fc.assert(
      fc.property(fc.array(anyHost), anyPolicyValue, anyPolicyValue, (hosts, flavor, image) => {
        const question = { serverId: SERVER, policy: { flavor, image } };
        const moves = previewMoves(question, hosts, MACHINE);
        assert.deepEqual(
          moves.map((move) => move.host),
          hosts.map(({ name }) => name),
        );
        for (const [index, { decision }] of moves.entries()) {
          const decided = decideSerial(question, reportedHostIdentity(hosts[index]!));
          assert.deepEqual(decision, decided.decided ? decided : null);
        }
      }),
    );
  });
});
