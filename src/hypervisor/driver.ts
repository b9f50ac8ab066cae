import type { Readable } from 'node:stream';
import type { GUEST_COMMANDS } from '../model/command.ts';
import type { GuestObservation, GuestPlan, ServerFiles } from '../model/guest.ts';
import type { GuestReading } from '../model/guest-reading.ts';
import type { HostDescription } from '../model/host.ts';
import type { ImageId, OperationId, ServerId } from '../model/ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from '../model/image.ts';
import type { MachineIdentity, ReadIdentity } from '../model/machine-identity.ts';
import type { Attachment } from '../model/network/attachment.ts';
import type { MacAddress } from '../model/network/network-ids.ts';
import type { GuestMoves } from './guest-moves.ts';

/** Source of image data for a host. */
export interface ImageSource {
  /**
   * The image's data as uploaded. The receiver checks size and checksum.
   * @param url where this host may read it; undefined when the caller has no link
   * @throws {Failure} `not-found` when the image or its data is gone, `unavailable` when it cannot be reached
   */
  open(id: ImageId, url?: string): Promise<Readable>;
}

/** What a guest's definition needs beside the plan. */
export interface Definition {
  readonly plan: GuestPlan;
  /** The SMBIOS system serial; null writes no serial entry. */
  readonly serial: string | null;
  /**
   * How its interfaces are connected, in order. Absent for a server whose interfaces are not ports: the
   * driver's configuration says what it has.
   */
  readonly attachments?: readonly Attachment[];
  /** The previous definition is kept under this id until `restoreDefinition` or `forgetDefinition`. */
  readonly operation: OperationId;
}

/** Request for the disks of a plan. */
export interface DiskRequest {
  readonly plan: GuestPlan;
  /** Source of the disks: the image, or another disk set of the same server, grown to the plan's flavor. */
  readonly from: 'image' | { readonly copyOf: string };
  /** Links to image data; null or absent: the image source finds it. */
  readonly images?: ImageUrls;
  /** Checksums and sizes that the image data must have; absent: only the plan's own image can be used. */
  readonly contents?: ImageContents;
}

/** Request to cache an image before a server needs it. */
export interface ImageRequest extends Pick<DiskRequest, 'images' | 'contents'> {
  readonly image: ImageSnapshot;
}

/** A method for each command that names a guest and nothing else; `GUEST_COMMANDS` says what each does. */
export type GuestControl = {
  readonly [Name in keyof typeof GUEST_COMMANDS]: (server: ServerId) => Promise<void>;
};

/**
 * The interface of every hypervisor driver. One law suite (`test/laws/driver.ts`) runs against each
 * implementation.
 *
 * Disks come in sets: the files of one server under one name (`plan.diskSet`), created whole or not at all. A
 * definition names one set. So rebuild, resize and revert create or choose a set, define, switch, and only
 * then delete the other one.
 *
 * Every method is idempotent: a repeated call changes nothing and succeeds. Each throws `Failure`:
 * `not-found` when the guest does not exist here, `unavailable` when the hypervisor did not answer before the
 * call began, `outcome-unknown` when it stopped answering during the call, `out-of-space` when a disk is
 * full, `invalid` when image or plan cannot be used.
 */
export interface HypervisorDriver extends GuestControl {
  /** What this host is and has. */
  describeHost(): Promise<HostDescription>;

  /**
   * Creates the disk set of a plan with config drive and kernel files: as overlays of the image, which is
   * inspected and cached by its SHA-512, or as a copy of another set.
   */
  createDisks(request: DiskRequest, signal: AbortSignal): Promise<void>;
  /** Fetches an image into the cache, with kernel and ramdisk, to speed up the next create. */
  cacheImage(request: ImageRequest, signal: AbortSignal): Promise<void>;
  /**
   * Removes cached images that no disk uses and that were not used for a while (`[image_cache]`).
   * @returns names of the removed files
   */
  removeUnusedImages(): Promise<readonly string[]>;
  /** Deletes one disk set of a server, or all its files on this host (`'all'`). */
  deleteDisks(server: ServerId, set: string | 'all'): Promise<void>;
  /** The disk sets of all servers on this host, with or without a guest. Does not call the hypervisor. */
  listServerFiles(): Promise<ServerFiles[]>;

  /**
   * Replaces the guest's persistent definition. A running guest is not touched: the definition takes effect
   * at its next start. Repeats what the plan's machine identity holds, or else what the replaced definition
   * has, and adds what is new.
   * @returns what the guest is known by after its next start
   * @throws {Failure} `conflict` when this host cannot give it what is held
   */
  define(definition: Definition): Promise<MachineIdentity>;
  /**
   * Restores the definition that `define` replaced, or removes it if there was none. Without a kept one: does
   * nothing.
   */
  restoreDefinition(server: ServerId, operation: OperationId): Promise<void>;
  /** Drops what `define` kept under this id. */
  forgetDefinition(server: ServerId, operation: OperationId): Promise<void>;

  /**
   * Gives a guest one more interface: its definition, and the guest that runs. One with this MAC address is
   * left as it is.
   */
  attachInterface(plan: GuestPlan, attachment: Attachment): Promise<void>;
  /**
   * Takes the interface with this MAC address away, from the definition and from the guest that runs.
   * @throws {Failure} `timed-out` when the guest that runs does not let go of it
   */
  detachInterface(server: ServerId, mac: MacAddress): Promise<void>;

  /**
   * Sends an ACPI shutdown and waits.
   * @returns whether the guest powered off within `timeoutMs`
   */
  shutdown(server: ServerId, timeoutMs: number): Promise<boolean>;
  /**
   * Sends an ACPI shutdown and starts the same definition again. A guest that is off is only started.
   * @returns false, with the guest still running, when it did not shut down within `timeoutMs`
   */
  softReboot(server: ServerId, timeoutMs: number): Promise<boolean>;

  observe(server: ServerId): Promise<GuestObservation>;
  /** What the persistent definition says that the guest is known by; null: the guest has none. */
  machineIdentity(server: ServerId): Promise<ReadIdentity | null>;
  /**
   * What the guest was started with, whatever its persistent definition says by now; null: it has no process.
   */
  readGuest(server: ServerId): Promise<GuestReading | null>;
  /** All guests on this host that Nameplate created. */
  guests(): Promise<GuestObservation[]>;
  /**
   * Yields every guest once, then each power change, whatever caused it. Ends when `signal` is aborted. After
   * a restart of the hypervisor it yields all guests again.
   */
  watch(signal: AbortSignal): AsyncIterable<GuestObservation>;
  /** The last `lines` of the guest's serial console log, or all of it (at most the last MiB). */
  consoleLog(server: ServerId, lines: number | null): Promise<string>;

  /** Migration to and from other hosts. */
  readonly moves: GuestMoves;

  /** Closes connections. Guests keep running. */
  close(): Promise<void>;
}
