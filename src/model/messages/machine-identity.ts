import type { GivenIdentity } from '../given-identity.ts';
import type {
  GuestController,
  GuestInterface,
  MachineIdentity,
  ReadIdentity,
  SmbiosNames,
} from '../machine-identity.ts';
import { Type } from '../schema.ts';
import { RECORDED_CPU } from './guest-cpu.ts';
import { MAC_ADDRESS } from './guest-port.ts';
import { atLeast, count, dictionary, type FieldsOf, line, list, nullable } from './primitives.ts';

const WORD = line(255);
const WORDS = dictionary(WORD, { most: 500, longestKey: 255 });

/** Empty: the guest's table has no such entry. */
const ENTRY = Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]{0,255}$' });
const SMBIOS_NAMES = atLeast<SmbiosNames>({
  manufacturer: ENTRY,
  product: ENTRY,
  version: ENTRY,
  family: ENTRY,
});

const CONTROLLER = atLeast<GuestController>({
  type: WORD,
  index: count(),
  model: nullable(WORD),
  modelName: nullable(WORD),
  target: WORDS,
  address: nullable(WORD),
});

const FIELDS: FieldsOf<MachineIdentity> = {
  smbios: nullable(SMBIOS_NAMES),
  machineType: WORD,
  diskSerials: WORDS,
  addresses: WORDS,
  controllers: list(CONTROLLER, 500),
  devices: Type.Optional(count()),
  cpu: Type.Optional(RECORDED_CPU),
};

export const MACHINE_IDENTITY = atLeast<MachineIdentity>(FIELDS);

/** More than release 0.1 gave a guest. */
const MOST_INTERFACES = 8;
const INTERFACE = atLeast<GuestInterface>({ mac: MAC_ADDRESS, network: line(255) });

export const READ_IDENTITY = atLeast<ReadIdentity>({
  ...FIELDS,
  interfaces: Type.Optional(list(INTERFACE, MOST_INTERFACES)),
});

export const GIVEN_IDENTITY = atLeast<GivenIdentity>({
  serial: Type.Optional(nullable(line(64))),
  smbios: Type.Optional(SMBIOS_NAMES),
  machineType: Type.Optional(WORD),
  diskSerials: dictionary(nullable(WORD), { most: 10, longestKey: 255 }),
});
