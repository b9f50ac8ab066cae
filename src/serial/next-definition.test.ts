import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleHost } from '../../test/laws/sample-host.ts';
import type { MachineIdentity } from '../model/machine-identity.ts';
import type { KnownPort } from '../model/recorded-values.ts';
import { SharedValues } from './identity-audit.ts';
import { type DefiningHost, type KnownIdentity, nextDefinition } from './next-definition.ts';

const ID = '5e51a1b2-0000-4000-8000-000000000001';
const TYPES = ['pc', 'pc-i440fx-7.2', 'q35', 'pc-q35-7.2'];
const machine: MachineIdentity = {
  smbios: null,
  machineType: 'pc-i440fx-7.2',
  diskSerials: { root: 'r' },
  addresses: {},
  controllers: [],
};

function known(changes: {
  id?: string;
  serial?: string | null;
  image?: Record<string, string>;
  reads?: Record<string, string | null>;
  mac?: string;
}): KnownIdentity {
  const { id = ID, serial = id, image = {}, reads, mac } = changes;
  return {
    server: {
      ...{ id, machine, configDrive: false, reads: reads ? { since: 1, values: reads } : null },
      flavor: { extraSpecs: { 'hw:unique_serial': 'true' }, ephemeralGb: 0, swapMb: 0 },
      image: { properties: image },
    } as unknown as KnownIdentity['server'],
    ports: mac === undefined ? [] : [{ id: `p-${id}`, mac } as unknown as KnownPort],
    current: { serial },
  };
}

const host = (machineTypes: string[] | undefined = TYPES): DefiningHost => ({
  ...sampleHost('kant', { features: ['unique-serial'] }),
  ...{ platforms: { machineTypes, firmware: [] } },
});
const outcomes = (of: KnownIdentity, on = host()) =>
  nextDefinition(of, on).map(({ name, now, outcome, value }) => [name, now, outcome, value]);

describe('what the next definition of a guest changes', () => {
  it('is nothing where all is as decided, and its host can give it', () => {
    assert.deepEqual(outcomes(known({})), []);
    assert.deepEqual(outcomes(known({ image: { hw_machine_type: 'pc' } })), []);
  });

  it('is the serial, with the reasons of the decision', () => {
    assert.deepEqual(outcomes(known({ serial: 'edited' })), [['serial', 'edited', 'changes', ID]]);
    const [change] = nextDefinition(known({ serial: 'edited' }), host());
    assert.match(change!.why, /the flavor says hw:unique_serial=true/);
    const without = { ...host(), givesSerial: false };
    assert.deepEqual(outcomes(known({}), without), [['serial', ID, 'refuses', null]]);
  });

  it('is the machine type, where the image names another one', () => {
    const changes = [['machine_type', 'pc-i440fx-7.2', 'changes', 'q35']];
    assert.deepEqual(outcomes(known({ image: { hw_machine_type: 'q35' } })), changes);
  });

  it('is a refusal, where the host does not have the machine type', () => {
    const [refusal] = nextDefinition(known({}), host(['pc', 'pc-i440fx-6.2']));
    assert.deepEqual([refusal?.name, refusal?.outcome], ['machine_type', 'refuses']);
    assert.match(refusal!.why, /pc-i440fx-7\.2.*kant/);
    const { platforms: _none, ...silent } = host();
    assert.deepEqual(outcomes(known({}), silent), [], 'a host that does not say may have it');
  });

  it('is the CPU, where the host gives another one or must give the held one and cannot', () => {
    const started = { mode: 'custom', model: 'Nehalem', vendor: null, features: {}, all: ['a'] } as const;
    const cpu = { configured: 'custom Nehalem', held: true, started };
    const of = known({});
    const withCpu = { ...of, server: { ...of.server, machine: { ...machine, cpu } } };
    const guestCpu = {
      holds: false,
      configured: 'host-model',
      model: 'Nehalem',
      vendor: null,
      features: ['a'],
    };
    assert.deepEqual(outcomes(withCpu, { ...host(), guestCpu }), [['cpu', 'Nehalem', 'changes', null]]);
    const lacking = { ...guestCpu, holds: true, features: ['b'] };
    assert.deepEqual(outcomes(withCpu, { ...host(), guestCpu: lacking }), [
      ['cpu', 'Nehalem', 'refuses', null],
    ]);
    assert.deepEqual(outcomes(withCpu, { ...host(), guestCpu: { ...guestCpu, holds: true } }), []);
  });

  it('is each value that the guest reads otherwise than decided, once', () => {
    const reads = { 'disk.root.serial': null, machine_type: 'pc-q35-7.2', 'disk.gone.serial': 'x' };
    assert.deepEqual(outcomes(known({ reads })), [
      ['disk.root.serial', null, 'changes', 'r'],
      ['machine_type', 'pc-q35-7.2', 'changes', 'pc-i440fx-7.2'],
    ]);
    const both = known({ reads, image: { hw_machine_type: 'q35' } });
    assert.deepEqual(outcomes(both)[0], ['machine_type', 'pc-q35-7.2', 'changes', 'q35']);
    assert.equal(outcomes(both).length, 2);
  });
});

describe('values that several guests read', () => {
  const other = '5e51a1b2-0000-4000-8000-000000000002';
  const sharedOf = (...all: KnownIdentity[]) => {
    const shared = new SharedValues();
    for (const each of all) shared.add(each);
    return shared.shared().map(({ value, text, servers }) => [value, text, servers]);
  };
  const mine = known({ mac: 'fa:16:3e:00:00:01', reads: { 'disk.root.serial': null } });

  it('are MAC addresses, serials and disk serials, in whatever case', () => {
    assert.deepEqual(sharedOf(mine, known({ id: other, mac: 'FA:16:3E:00:00:01' })), [
      ['mac_address', 'fa:16:3e:00:00:01', [ID, other]],
    ]);
    assert.deepEqual(sharedOf(mine, known({ id: other, serial: ID })), [['serial', ID, [ID, other]]]);
    assert.deepEqual(sharedOf(known({}), known({ id: other })), [['disk_serial', 'r', [ID, other]]]);
  });

  it('are those that guests read, and not those that were decided for them', () => {
    const edited = known({ id: other, reads: { uuid: ID, 'disk.root.serial': 'x' } });
    assert.deepEqual(sharedOf(mine, edited), [['uuid', ID, [ID, other]]]);
    assert.deepEqual(sharedOf(mine, known({ id: other, mac: 'fa:16:3e:00:00:02', serial: null })), []);
  });
});
