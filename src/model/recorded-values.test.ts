import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GuestReading } from './guest-reading.ts';
import type { ServerId } from './ids.ts';
import type { MachineIdentity } from './machine-identity.ts';
import { deviatingValues, type KnownPort, recordedValues } from './recorded-values.ts';

const id = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
const machine: MachineIdentity = {
  smbios: { manufacturer: 'M', product: 'P', version: '1', family: 'F' },
  machineType: 'pc-i440fx-7.2',
  diskSerials: { root: 'r', ephemeral: 'e' },
  addresses: { 'disk/root': '0000:00:04.0', 'disk/ephemeral': '0000:00:05.0', 'interface/a': '0000:00:03.0' },
  controllers: [],
};
const ports = [
  { id: 'p1', mac: 'a' },
  { id: 'p2', mac: 'b' },
] as unknown as readonly KnownPort[];
const server = { id, machine, configDrive: false, flavor: { ephemeralGb: 0, swapMb: 0 } };
const asRecorded: GuestReading = { uuid: id, serial: null, macs: ['a', 'b'], machine };

describe('the values that a guest reads otherwise than recorded', () => {
  const read = (changes: Partial<GuestReading>) =>
    deviatingValues(server, ports, { ...asRecorded, ...changes });
  const machineWith = (changes: Partial<MachineIdentity>) => read({ machine: { ...machine, ...changes } });

  it('are none where it reads all as recorded, in whatever order its interfaces are', () => {
    assert.equal(read({}), null);
    assert.equal(read({ macs: ['b', 'a'] }), null);
  });

  it('are each of its values, named as the record names them', () => {
    assert.deepEqual(read({ uuid: 'other' }), { uuid: 'other' });
    assert.deepEqual(machineWith({ machineType: 'pc-q35-7.2' }), { machine_type: 'pc-q35-7.2' });
    assert.deepEqual(machineWith({ smbios: { ...machine.smbios!, product: 'Q' } }), {
      'smbios.product': 'Q',
    });
    assert.deepEqual(machineWith({ diskSerials: { root: 'x' } }), { 'disk.root.serial': 'x' });
    assert.deepEqual(
      machineWith({ addresses: { 'disk/root': '0000:00:1f.0', 'interface/a': '0000:00:03.0' } }),
      {
        'disk.root.pci_address': '0000:00:1f.0',
      },
    );
  });

  it('are null where the guest has no such value', () => {
    assert.deepEqual(machineWith({ diskSerials: {} }), { 'disk.root.serial': null });
    assert.deepEqual(machineWith({ smbios: null }), {
      ...{ 'smbios.manufacturer': null, 'smbios.product': null },
      ...{ 'smbios.version': null, 'smbios.family': null },
    });
    assert.deepEqual(read({ macs: ['a'] }), { 'port.p2.mac_address': null });
  });

  it('name the MAC address that an interface has in the place of that of its port', () => {
    assert.deepEqual(read({ macs: ['a', 'c'] }), { 'port.p2.mac_address': 'c' });
    assert.deepEqual(read({ macs: ['d', 'e'] }), { 'port.p1.mac_address': 'd', 'port.p2.mac_address': 'e' });
  });

  it('count neither disks that the flavor does not have, nor devices without a place', () => {
    assert.equal(machineWith({ addresses: {} }), null);
    const larger = { ...server, flavor: { ephemeralGb: 1, swapMb: 0 } };
    const without = { ...asRecorded, machine: { ...machine, diskSerials: { root: 'r' } } };
    assert.deepEqual(deviatingValues(larger, ports, without), { 'disk.ephemeral.serial': null });
  });

  it('count a disk serial that was added to a disk without one', () => {
    const old = { ...server, machine: { ...machine, diskSerials: {} } };
    assert.equal(Object.hasOwn(recordedValues(old, []), 'disk.root.serial'), true);
    assert.deepEqual(deviatingValues(old, ports, asRecorded), { 'disk.root.serial': 'r' });
  });
});
