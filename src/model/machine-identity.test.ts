import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServerId } from './ids.ts';
import {
  DISK_ROLES,
  diskSerialOf,
  heldIdentity,
  type MachineIdentity,
  machineTypeToDefine,
} from './machine-identity.ts';

const SERVER = '8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c01' as ServerId;
const NAMES = { manufacturer: 'M', product: 'P', version: '1', family: 'F' };

function identity(changes: Partial<MachineIdentity> = {}): MachineIdentity {
  return {
    smbios: NAMES,
    machineType: 'pc-i440fx-7.2',
    diskSerials: { root: 'r' },
    addresses: { 'disk/root': '0000:00:04.0' },
    controllers: [],
    devices: 2,
    ...changes,
  };
}

test('the serial of each disk has 20 characters, and is its own', () => {
  const serials = DISK_ROLES.map((role) => diskSerialOf(SERVER, role));
  assert.equal(new Set(serials).size, DISK_ROLES.length);
  for (const serial of serials) assert.match(serial, /^8f2c5a106f0b4f0e[a-z0-9]{4}$/);
});

describe('another definition of a guest', () => {
  test('changes no value that is held, and adds devices that are new', () => {
    const defined = identity({
      smbios: { ...NAMES, version: '2' },
      diskSerials: { root: 'other', swap: 's' },
      addresses: { 'disk/root': '0000:00:09.0', 'disk/swap': '0000:00:05.0' },
    });
    assert.deepEqual(heldIdentity(identity(), defined), {
      ...identity(),
      diskSerials: { root: 'r', swap: 's' },
      addresses: { 'disk/root': '0000:00:04.0', 'disk/swap': '0000:00:05.0' },
    });
  });

  test('of another machine type replaces the identity: its buses are others', () => {
    const q35 = identity({ machineType: 'pc-q35-7.2', addresses: { 'disk/root': '0000:01:00.0' } });
    assert.deepEqual(heldIdentity(identity(), q35), q35);
  });
});

describe('the machine type to define', () => {
  const held = identity();
  const cases: [wanted: string | undefined, machineType: string][] = [
    [undefined, 'pc-i440fx-7.2'],
    ['pc', 'pc-i440fx-7.2'],
    ['pc-i440fx-7.2', 'pc-i440fx-7.2'],
    ['pc-i440fx-6.2', 'pc-i440fx-6.2'],
    ['q35', 'q35'],
    ['pc-q35-7.2', 'pc-q35-7.2'],
  ];
  for (const [wanted, machineType] of cases)
    test(`of an image that names ${wanted ?? 'none'} is ${machineType}`, () => {
      assert.equal(machineTypeToDefine(held, wanted), machineType);
    });

  test('of a server without an identity is what the image names', () => {
    assert.equal(machineTypeToDefine(null, 'q35'), 'q35');
    assert.equal(machineTypeToDefine(null, undefined), undefined);
  });

  test('stays q35 of its version, and virt of its version, where the image names the family', () => {
    assert.equal(machineTypeToDefine(identity({ machineType: 'pc-q35-6.2' }), 'q35'), 'pc-q35-6.2');
    assert.equal(machineTypeToDefine(identity({ machineType: 'virt-7.2' }), 'virt'), 'virt-7.2');
  });
});
