import { cpuText } from './guest-cpu.ts';
import type { IdentityValues } from './guest-reading.ts';
import type { MachineIdentity } from './machine-identity.ts';

/** Since when a server's machine identity has its values. Epoch milliseconds. */
export interface ValueTimes {
  /** Of the first record: by the first definition, or when a guest of release 0.1 was first read. */
  readonly first: number;
  /** Of values that were recorded later, by name. */
  readonly changed: Readonly<Record<string, number>>;
}

/** Part of a server that changes with its machine identity. */
export interface RecordedMachine {
  readonly machine: MachineIdentity | null;
  /** null: the server has no machine identity yet. */
  readonly machineTimes: ValueTimes | null;
}

/** What is recorded with a machine identity: since when each value is as it is. Pure. */
export function recordMachine(
  before: RecordedMachine,
  machine: MachineIdentity,
  at: number,
): RecordedMachine & { readonly machine: MachineIdentity } {
  if (before.machine === null || before.machineTimes === null)
    return { machine, machineTimes: { first: at, changed: {} } };
  const { first, changed } = before.machineTimes;
  const had = allValues(before.machine);
  const has = allValues(machine);
  const later = Object.keys(has).filter((name) => had[name] !== has[name]);
  const stays = Object.entries(changed).filter(([name]) => name in has);
  if (later.length === 0 && stays.length === Object.keys(changed).length)
    return { machine, machineTimes: before.machineTimes };
  const added = later.map((name) => [name, at] as const);
  return { machine, machineTimes: { first, changed: Object.fromEntries([...stays, ...added]) } };
}

/** Since when a recorded value is as it is; null where that is not known. */
export function timeOf(times: ValueTimes | null, name: string): number | null {
  return times === null ? null : (times.changed[name] ?? times.first);
}

/** All values of a machine identity by name, those of devices that are not plugged in too. */
export function allValues(machine: MachineIdentity): IdentityValues {
  const { smbios, machineType, diskSerials, addresses, cpu } = machine;
  const named = (prefix: string, values: object, suffix: string) =>
    Object.entries(values).map(([name, value]) => [
      `${prefix}${name.replace('/', '.')}${suffix}`,
      String(value),
    ]);
  return Object.fromEntries([
    ['machine_type', machineType],
    ...(cpu?.started ? [['cpu', cpuText(cpu.started)]] : []),
    ...named('smbios.', smbios ?? {}, ''),
    ...named('disk.', diskSerials, '.serial'),
    ...named('', addresses, '.pci_address'),
  ]);
}
