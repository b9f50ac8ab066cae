import type { Readable } from 'node:stream';
import type { GuestObservation, GuestPlan, ServerFiles } from '../model/guest.ts';
import type { HostDescription } from '../model/host.ts';
import type { ImageId, OperationId, ServerId } from '../model/ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from '../model/image.ts';
import type { GuestMoves } from './guest-moves.ts';

/** Where a host gets an image's bytes. */
export interface ImageSource {
  /**
   * The image's data as it was uploaded; the receiver checks size and checksum itself.
   * @param url where this host may read it; undefined where the asker knows none
   * @throws {Failure} `not-found` when the image or its data is gone, `unavailable` when it cannot be reached.
   */
  open(id: ImageId, url?: string): Promise<Readable>;
}

/** What the guest's definition is to hold beside the plan. */
export interface Definition {
  readonly plan: GuestPlan;
  /** The SMBIOS system serial; null writes no serial entry. */
  readonly serial: string | null;
  /** The definition that was there before is kept under this id, until restored or forgotten. */
  readonly operation: OperationId;
}

/** Asks for the disks of a plan. */
export interface DiskRequest {
  readonly plan: GuestPlan;
  /** Make them from the image anew, or as a copy of another set of the same server, grown to the plan's flavor. */
  readonly from: 'image' | { readonly copyOf: string };
  /** Where image data may be read; null or absent: the image source knows. */
  readonly images?: ImageUrls;
  /** What the data of the images must be; absent: only the plan's own image can be used. */
  readonly contents?: ImageContents;
}

/** Asks for an image ahead of the servers that will need it. */
export interface ImageRequest extends Pick<DiskRequest, 'images' | 'contents'> {
  readonly image: ImageSnapshot;
}

/**
 * The promise of every hypervisor driver. One law suite (`test/laws/driver.ts`) is run against each implementation.
 *
 * Disks come in sets: a server's disk files live together under a name (`plan.diskSet`), made whole or not at all, and a definition
 * names one set. So rebuild, resize and revert make or pick a set, define, switch, and only then delete the other.
 *
 * Every method is idempotent: asked again after it worked, it leaves things as they are and succeeds. Each throws `Failure`;
 * `not-found` when the guest it needs does not exist here, `unavailable` when the hypervisor does not answer before anything was asked,
 * `outcome-unknown` when it stopped answering in between, `out-of-space` when a disk is full, `invalid` when image or plan cannot be used.
 */
export interface HypervisorDriver {
  /** What this host is and has. */
  describeHost(): Promise<HostDescription>;

  /** Makes the disk set of a plan: from the image (inspected, cached by the SHA-512 of its content, overlaid) with config drive and kernel files, or as a copy. */
  createDisks(request: DiskRequest, signal: AbortSignal): Promise<void>;
  /** Fetches what the disks of this image need, so that the next server of it is made sooner. */
  cacheImage(request: ImageRequest, signal: AbortSignal): Promise<void>;
  /**
   * Removes images that no disk here is over and that nothing has used for a while, as `[image_cache]` says.
   * @returns the names of the files that were removed
   */
  removeUnusedImages(): Promise<readonly string[]>;
  /** Deletes one disk set of a server, or all that this host holds of the server (`'all'`). */
  deleteDisks(server: ServerId, set: string | 'all'): Promise<void>;
  /** All servers that this host holds files of, with a guest or without. Asks no hypervisor. */
  listServerFiles(): Promise<ServerFiles[]>;

  /** Writes the guest's persistent definition anew. A running guest is not touched: the definition takes effect at its next start. */
  define(definition: Definition): Promise<void>;
  /** Puts back the definition that `define` replaced (none: removes it). Nothing kept under this id: does nothing. */
  restoreDefinition(server: ServerId, operation: OperationId): Promise<void>;
  /** Drops what `define` kept under this id. */
  forgetDefinition(server: ServerId, operation: OperationId): Promise<void>;
  /** Removes the definition and any saved memory. @throws {Failure} `conflict` while the guest runs */
  undefine(server: ServerId): Promise<void>;

  /** Boots the guest from its definition; discards saved memory. A running guest stays as it is. */
  start(server: ServerId): Promise<void>;
  /** Ends the guest at once. One that is not here has ended. */
  destroy(server: ServerId): Promise<void>;
  /** Asks the guest to power off (ACPI) and waits. @returns whether it did within `timeoutMs`. */
  shutdown(server: ServerId, timeoutMs: number): Promise<boolean>;
  /** Asks the guest to shut down and starts the same definition again; one that is off is only started. @returns false, the guest still running as it was, when it did not shut down within `timeoutMs`. */
  softReboot(server: ServerId, timeoutMs: number): Promise<boolean>;
  pause(server: ServerId): Promise<void>;
  unpause(server: ServerId): Promise<void>;
  /** Saves memory to disk and ends the process. */
  suspend(server: ServerId): Promise<void>;
  /** Goes on from saved memory, in the definition the guest had. @throws {Failure} `conflict` when there is none, as pause, unpause and suspend when the guest is off */
  resume(server: ServerId): Promise<void>;

  observe(server: ServerId): Promise<GuestObservation>;
  /** All guests here that Nameplate made. */
  guests(): Promise<GuestObservation[]>;
  /** First every guest as it is, then power changes as they happen, whoever caused them. Ends when `signal` is aborted; after a hypervisor restart all guests come again. */
  watch(signal: AbortSignal): AsyncIterable<GuestObservation>;
  /** The guest's serial console log, the last `lines` of it, or all (at most the last MiB). */
  consoleLog(server: ServerId, lines: number | null): Promise<string>;

  /** Moving guests to and from other hosts. */
  readonly moves: GuestMoves;

  /** Lets go of connections. Guests go on. */
  close(): Promise<void>;
}
