import type { Readable } from 'node:stream';
import type { GuestPlan } from '../model/guest.ts';
import type { ServerId } from '../model/ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from '../model/image.ts';
import type { LiveProgress } from '../model/migration.ts';

/** What of a disk set goes along. */
export interface DiskExport {
  readonly server: ServerId;
  readonly set: string;
  /**
   * `move`: all that the guest wrote; the guest must not run.
   * `live`: what a live migration with copied disks does not copy itself: kernel, config drive and disc as they are, and how large the other disks are.
   */
  readonly purpose: 'move' | 'live';
  /** The image that the disks were made of: no other one goes along. Absent where an older control plane asks. */
  readonly image?: ImageSnapshot;
  /** What the receiver says it holds already (`presentBases`): that is left out. */
  readonly held: readonly string[];
}

/** Disks that are to be taken in from another host, which is not believed. */
export interface DiskImport {
  readonly plan: GuestPlan;
  /** What the data of the plan's images is. */
  readonly contents?: ImageContents;
  /** Where their data may be read; null: this host has a way of its own. Absent: it is not to be read for this. */
  readonly images?: ImageUrls;
}

/** A live migration as the source is asked for it. */
export interface LiveMigration {
  readonly server: ServerId;
  /** The address that `prepareLive` of the destination gave. */
  readonly destination: string;
  /** Whether both hosts see the same disk files, which `seesMark` has shown, or their contents go along. */
  readonly disks: 'shared' | 'copied';
}

/**
 * The part of a driver's promise that moves guests between hosts; kept by both drivers, with laws of its own in `test/laws/moves.ts`.
 * Idempotent and failing as `driver.ts` says. No move needs an image's data: the image may be gone by then.
 */
export interface GuestMoves {
  /**
   * A part of a disk set as one stream in the driver's own form: sparse, with its checksums in it.
   * @throws {Failure} `not-found` when the set is not here, `conflict` when it is to move and the guest runs
   */
  exportDisks(wanted: DiskExport, signal: AbortSignal): Promise<Readable>;
  /**
   * Makes the disk set of a plan from such a stream, whole or not at all. From one to `move`: grown to the plan's flavor, config drive made anew.
   * From one for `live`: disks to copy into are empty. A set that is there stays; the stream is not read then.
   * What the sender says is checked against the plan: it can give this server other disks, and nobody else anything.
   * @throws {Failure} `invalid` when the stream is damaged or cannot be used here, `unavailable` when it broke off
   */
  importDisks(wanted: DiskImport, data: Readable, signal: AbortSignal): Promise<void>;
  /** Whether the disk set of a plan is here, whole. */
  hasDisks(plan: GuestPlan): Promise<boolean>;
  /** The name of the file that a plan's disks are over, for `exportDisks`, if it is here or can be made of the image's data. */
  presentBases(wanted: DiskImport, signal: AbortSignal): Promise<readonly string[]>;

  /** Leaves a mark among the server's files; another host that sees it shares them. */
  markDisks(server: ServerId, mark: string): Promise<void>;
  /** @throws {Failure} `conflict` when the files are shared under another path: then a guest cannot be migrated live, for its definition has paths in it */
  seesMark(server: ServerId, mark: string): Promise<boolean>;
  removeMark(server: ServerId, mark: string): Promise<void>;

  /**
   * At the destination: makes sure that the guest will find its files there; copied ones have been imported for `live` before.
   * @returns the address that the source is to migrate to
   * @throws {Failure} `not-found` when its files are not here
   */
  prepareLive(plan: GuestPlan, disks: 'shared' | 'copied', signal: AbortSignal): Promise<string>;
  /**
   * At the source: moves the running guest, its running and persistent definition as they are; then it is defined here no more.
   * When it fails the guest runs on here and is nowhere else; but after `outcome-unknown` only a look at both hosts tells.
   * A guest that has already gone is success. One that is on its way is waited for.
   * @param signal stops the migration, as `abortLive`
   * @throws {Failure} `conflict` when the guest is off, `timed-out` when it was stopped
   */
  migrateLive(migration: LiveMigration, signal: AbortSignal): Promise<void>;
  /** At the source; null when none is under way. */
  liveProgress(server: ServerId): Promise<LiveProgress | null>;
  /** At the source: stops it; the guest runs on here, unless it had gone already. Resolves when none is under way. */
  abortLive(server: ServerId): Promise<void>;
  /** At the source: pauses the guest until it has gone, so that it must come to an end; it runs on there. None under way: does nothing. */
  forceLive(server: ServerId): Promise<void>;
}
