import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineIdentity } from './machine-identity.ts';
import { type RecordedMachine, recordMachine, timeOf } from './value-times.ts';

const machine: MachineIdentity = {
  ...{ smbios: null, machineType: 'pc-i440fx-7.2', diskSerials: { root: 'r' } },
  ...{ addresses: { 'disk/root': '0000:00:04.0', 'interface/a': '0000:00:03.0' }, controllers: [] },
};
const NOTHING: RecordedMachine = { machine: null, machineTimes: null };

describe('since when a machine identity has its values', () => {
  const first = recordMachine(NOTHING, machine, 1_000);

  it('is the first record, and stays so while they are the same', () => {
    assert.equal(timeOf(first.machineTimes, 'machine_type'), 1_000);
    assert.deepEqual(recordMachine(first, { ...machine }, 2_000).machineTimes, first.machineTimes);
    assert.equal(timeOf(null, 'machine_type'), null);
  });

  it('is a later record for values that are new or changed, and for no others', () => {
    const addresses = { ...machine.addresses, 'disk/root': '0000:00:05.0' };
    const changed = recordMachine(
      first,
      { ...machine, addresses, diskSerials: { root: 'r', swap: 's' } },
      2_000,
    );
    const at = (name: string) => timeOf(changed.machineTimes, name);
    assert.deepEqual([at('disk.root.pci_address'), at('disk.swap.serial')], [2_000, 2_000]);
    assert.deepEqual([at('disk.root.serial'), at('interface.a.pci_address')], [1_000, 1_000]);
  });

  it('is forgotten with a value that is gone', () => {
    const more = recordMachine(first, { ...machine, diskSerials: { root: 'r', swap: 's' } }, 2_000);
    assert.deepEqual(recordMachine(more, machine, 3_000).machineTimes, { first: 1_000, changed: {} });
  });
});
