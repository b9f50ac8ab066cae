import type { Command, Reply, Verb } from '../../src/model/command.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import type { ImageContents, ImageSnapshot } from '../../src/model/image.ts';

/**
 * Two compute hosts with agents that know each other's address, and ways to look at what they did that do not
 * go through them.
 */
export interface MovesLab {
  readonly hosts: readonly [HostName, HostName];
  /** What each of them gives as the host's serial. */
  readonly hostSerials: readonly [string, string];
  /** Whether they keep disks in one place. */
  readonly sharesDisks: boolean;
  /** Boots, and counts its boots on its disk. */
  readonly image: ImageSnapshot;
  /** What its data, and that of its kernel and ramdisk, is. */
  readonly contents: ImageContents;
  /** Enough memory for a guest of the image, MiB. */
  readonly ramMb: number;
  ask<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal?: AbortSignal,
  ): Promise<Reply<V>>;
  /** Whether the data of images is gone. */
  setImagesLost(lost: boolean): void;
  /**
   * From now on live migrations last until something is done about them, or for some seconds at least; or
   * not.
   */
  setSlow(slow: boolean): void;
  /**
   * The serial in the guest's persistent definition there, and in the one it runs with; undefined: it has
   * none.
   */
  definedSerial(host: HostName, server: ServerId): Promise<string | null | undefined>;
  runningSerial(host: HostName, server: ServerId): Promise<string | null | undefined>;
  /** All files that a host holds of a server, sorted. */
  filesOf(host: HostName, server: ServerId): Promise<string[]>;
  /** Gives a guest UEFI variables that no other has. It must be off, and have been started once. */
  markVariables(host: HostName, server: ServerId, set: string): Promise<void>;
  /** Equal for equal UEFI variables; undefined: the host has none. */
  variablesOf(host: HostName, server: ServerId, set: string): Promise<string | undefined>;
  close(): Promise<void>;
}
