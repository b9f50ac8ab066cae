import type { GuestCpu } from './guest-cpu.ts';
import type { MachineIdentity } from './machine-identity.ts';

/** What a guest with a process reads: the values of the definition that it was started with. */
export interface GuestReading {
  /** Of the SMBIOS system table. */
  readonly uuid: string;
  /** null: the SMBIOS system table has no serial. */
  readonly serial: string | null;
  /** Of its interfaces, in order. */
  readonly macs: readonly string[];
  readonly machine: MachineIdentity;
  /** null: libvirt names none. Absent where the agent does not read it. */
  readonly cpu?: GuestCpu | null;
}

/**
 * Values of a guest's identity by name, such as `machine_type` or `disk.root.serial`; null: the guest has no
 * such value.
 */
export type IdentityValues = Readonly<Record<string, string | null>>;

/** The values that a guest was started with although its server's record has others. */
export interface GuestDeviation {
  /** When they were first read. Epoch milliseconds. */
  readonly since: number;
  readonly values: IdentityValues;
}
