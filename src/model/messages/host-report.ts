import type { TSchema } from 'typebox';
import type { HostReport } from '../command.ts';
import type { GuestPlatforms, HostCapacity, HostUptime, MachineIdReading } from '../host.ts';
import type { NetworkAbilities } from '../network/network-abilities.ts';
import { Type } from '../schema.ts';
import { HOST_CPU } from './guest-cpu.ts';
import {
  ADDRESS,
  atLeast,
  count,
  dictionary,
  EPOCH_MS,
  type FieldsOf,
  HOST_NAME,
  line,
  list,
  nullable,
  oneOf,
  text,
  UUID,
} from './primitives.ts';

const PATH = text(4096);
/** More than any machine has, and small enough for exact sums. */
const MAX_CAPACITY = 1e12;

type Absent = Extract<MachineIdReading, { state: 'absent' }>;
type Unreadable = Extract<MachineIdReading, { state: 'unreadable' }>;
type Read = Extract<MachineIdReading, { state: 'read' }>;

const MACHINE_ID = Type.Union([
  atLeast<Absent>({ state: Type.Literal('absent'), file: PATH }),
  atLeast<Unreadable>({ state: Type.Literal('unreadable'), file: PATH, why: text(4096) }),
  atLeast<Read>({ state: Type.Literal('read'), file: PATH, text: text(4096) }),
]);

const SCALAR = Type.Union([text(1024), Type.Number(), Type.Boolean(), Type.Null()]);
const CPU_KEYS = { most: 100, longestKey: 255 };
/** Nova's `cpu_info`: scalars, lists of scalars (`features`) and objects of scalars (`topology`). */
const CPU_INFO = dictionary(
  Type.Union([SCALAR, list(SCALAR, 2_000), dictionary(SCALAR, CPU_KEYS)]),
  CPU_KEYS,
);

/** True, or why not. */
const ABLE = Type.Union([Type.Literal(true), text(4096)]);

const LOAD = Type.Number({ minimum: 0, maximum: 1e9 });

/**
 * The fields of a host report. Strings that become columns have no control characters, because PostgreSQL
 * refuses NUL.
 */
export const HOST_FIELDS: FieldsOf<HostReport> = {
  name: HOST_NAME,
  hostIp: ADDRESS,
  hypervisorId: UUID,
  serviceId: UUID,
  zone: line(255),
  lastSeenAt: EPOCH_MS,
  startedAt: EPOCH_MS,
  serialOption: oneOf(['none', 'os', 'hardware', 'auto', 'unique']),
  machineId: MACHINE_ID,
  hypervisorType: line(255),
  hypervisorVersion: count(MAX_CAPACITY),
  hypervisorHostname: line(255),
  arch: line(255),
  cpuInfo: CPU_INFO,
  capacity: atLeast<HostCapacity>({
    vcpus: count(MAX_CAPACITY),
    memoryMb: count(MAX_CAPACITY),
    diskGb: count(MAX_CAPACITY),
  }),
  hardwareUuid: nullable(line(255)),
  givesSerial: Type.Boolean(),
  platforms: Type.Optional(
    atLeast<GuestPlatforms>({
      machineTypes: list(line(64), 1_000),
      firmware: list(oneOf(['bios', 'uefi']), 2),
    }),
  ),
  guestCpu: Type.Optional(HOST_CPU),
  instancesPath: Type.Optional(line(4096)),
  features: list(line(64), 100),
  version: line(64),
  protocol: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  uptime: Type.Optional(
    atLeast<HostUptime>({ bootedAt: EPOCH_MS, loadAverage: Type.Tuple([LOAD, LOAD, LOAD]) }),
  ),
  networks: Type.Optional(
    atLeast<NetworkAbilities>({
      nat: ABLE,
      physicalNetworks: list(line(255), 1_000),
      filters: ABLE,
      isolates: Type.Optional(Type.Boolean()),
    }),
  ),
};

/** A host report. */
export const HOST_REPORT: TSchema = atLeast<HostReport>(HOST_FIELDS);
