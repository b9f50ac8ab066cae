import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import type { ServerId } from '../../src/model/ids.ts';
import type { ImageContents, ImageSnapshot } from '../../src/model/image.ts';

/** `[libvirt] hold_cpu` and `cpu_models`. */
export interface LabCpu {
  readonly holds: boolean;
  readonly models: readonly string[];
}

/** A driver on a host of its own, with ways to look at what it did that do not go through it. */
export interface DriverLab {
  driver(): HypervisorDriver;
  /**
   * Closes the driver and opens one on the same host: as a restart of the service, with another configuration
   * of the CPU if one is named.
   */
  reopen(cpu?: LabCpu): Promise<void>;
  readonly images: {
    /** Boots, and counts its boots on its disk. */
    readonly good: ImageSnapshot;
    /** Needs more than 1 GiB of disk. */
    readonly large: ImageSnapshot;
    /** Its data is gone. */
    readonly vanished: ImageSnapshot;
  };
  /** What the data of the images, and of their kernels and ramdisks, is. */
  readonly contents: ImageContents;
  /** Enough memory for a guest of the good image, MiB. */
  readonly ramMb: number;
  /** What the guest itself read and said at its boot of this number. */
  guestSays(server: ServerId, boot: number): Promise<{ serial: string | null; uuid: string }>;
  /** The serial in the persistent definition; null: none there; undefined: no definition. */
  definedSerial(server: ServerId): Promise<string | null | undefined>;
  /** The serial that the running guest was started with. */
  runningSerial(server: ServerId): Promise<string | null | undefined>;
  /** Names of the disk sets of a server, sorted; a half made one counts. */
  diskSets(server: ServerId): Promise<string[]>;
  /** All files that the host holds of a server. */
  filesOf(server: ServerId): Promise<string[]>;
  /** Gives a guest UEFI variables that no other has. It must be off, and have been started once. */
  markVariables(server: ServerId, set: string): Promise<void>;
  /** Equal for equal UEFI variables; undefined: the set has none. */
  variablesOf(server: ServerId, set: string): Promise<string | undefined>;
  close(): Promise<void>;
}

const INTRODUCTION = /serial=(\S+) uuid=(\S+)(?: product=\S+)? boot=(\d+)/g;

/** What a guest's console says of a boot; undefined: nothing yet. */
export function saidAtBoot(
  console: string,
  boot: number,
): { serial: string | null; uuid: string } | undefined {
  for (const [, serial, uuid, number] of console.matchAll(INTRODUCTION))
    if (Number(number) === boot)
      return { serial: serial === 'Not_Specified' || serial === 'none' ? null : serial!, uuid: uuid! };
  return undefined;
}
