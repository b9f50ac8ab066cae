import type { GivenIdentity } from '../given-identity.ts';
import type { GuestController, MachineIdentity, SmbiosNames } from '../machine-identity.ts';
import { Type } from '../schema.ts';
import { RECORDED_CPU } from './guest-cpu.ts';
import { atLeast, count, dictionary, line, list, nullable } from './primitives.ts';

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

export const MACHINE_IDENTITY = atLeast<MachineIdentity>({
  smbios: nullable(SMBIOS_NAMES),
  machineType: WORD,
  diskSerials: WORDS,
  addresses: WORDS,
  controllers: list(CONTROLLER, 500),
  devices: Type.Optional(count()),
  cpu: Type.Optional(RECORDED_CPU),
});

export const GIVEN_IDENTITY = atLeast<GivenIdentity>({
  serial: Type.Optional(nullable(line(64))),
  smbios: Type.Optional(SMBIOS_NAMES),
  machineType: Type.Optional(WORD),
  diskSerials: dictionary(nullable(WORD), { most: 10, longestKey: 255 }),
});
