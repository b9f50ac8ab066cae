import type { Readable } from 'node:stream';
import type { GuestPlan } from '../model/guest.ts';
import type { ServerId } from '../model/ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from '../model/image.ts';
import type { LiveProgress } from '../model/migration.ts';

/** The part of a disk set that is transferred. */
export interface DiskExport {
  readonly server: ServerId;
  readonly set: string;
  /**
   * `move`: everything the guest wrote; the guest must be off.
   * `live`: what a live migration with copied disks does not copy itself: kernel, config drive and CD-ROM as
   * they are, and the sizes of the other disks.
   */
  readonly purpose: 'move' | 'live';
  /** The image of the disks: no other image is transferred. Absent in requests of an older control plane. */
  readonly image?: ImageSnapshot;
  /** Files that the receiver has already (`presentBases`): they are left out. */
  readonly held: readonly string[];
}

/** Request to import disks from another host, which is not trusted. */
export interface DiskImport {
  readonly plan: GuestPlan;
  /** Checksums and sizes of the plan's images. */
  readonly contents?: ImageContents;
  /** Links to image data; null: the image source finds it. Absent: this import must not read it. */
  readonly images?: ImageUrls;
}

/** Request for a live migration, to the source. */
export interface LiveMigration {
  readonly server: ServerId;
  /** The address that `prepareLive` returned at the destination. */
  readonly destination: string;
  /**
   * `shared`: both hosts see the same disk files, as `seesMark` proved. `copied`: their contents are migrated
   * too.
   */
  readonly disks: 'shared' | 'copied';
}

/**
 * The part of a driver that moves guests between hosts, with laws of its own in `test/laws/moves.ts`.
 * Idempotent and failing as in `driver.ts`. No move needs an image's data: the image may be deleted by then.
 */
export interface GuestMoves {
  /**
   * Streams a part of a disk set in the driver's own format: sparse, with checksums.
   * @throws {Failure} `not-found` when the set is not here, `conflict` when its purpose is `move` and the
   *   guest runs
   */
  exportDisks(request: DiskExport, signal: AbortSignal): Promise<Readable>;
  /**
   * Creates the disk set of a plan from such a stream, whole or not at all. For `move` the disks are grown to
   * the plan's flavor and the config drive is written again. For `live` the disks are empty, to be copied
   * into. If the set exists, it stays and the stream is not read. The stream is checked against the plan: a
   * hostile sender can change this server's disks and nothing else.
   * @throws {Failure} `invalid` when the stream is damaged or does not fit, `unavailable` when it broke off
   */
  importDisks(request: DiskImport, data: Readable, signal: AbortSignal): Promise<void>;
  /** Whether the complete disk set of a plan exists here. */
  hasDisks(plan: GuestPlan): Promise<boolean>;
  /**
   * The base image file of the plan's disks, for `exportDisks`, if it is here or can be created from the
   * image's data.
   */
  presentBases(request: DiskImport, signal: AbortSignal): Promise<readonly string[]>;

  /** Creates a mark among the server's files. Another host that sees the mark shares the files. */
  markDisks(server: ServerId, mark: string): Promise<void>;
  /**
   * @throws {Failure} `conflict` when the files are shared under another path: the definition contains paths,
   *   so live migration is impossible
   */
  seesMark(server: ServerId, mark: string): Promise<boolean>;
  removeMark(server: ServerId, mark: string): Promise<void>;

  /**
   * At the destination: checks that the guest's files are there. Copied disks were imported with `live`
   * before.
   * @returns the address for the source to migrate to
   * @throws {Failure} `not-found` when the files are missing
   */
  prepareLive(plan: GuestPlan, disks: 'shared' | 'copied', signal: AbortSignal): Promise<string>;
  /**
   * At the source: migrates the running guest with its running and persistent definition, then removes the
   * definition here. After a failure the guest runs here only, except after `outcome-unknown`: then both
   * hosts must be observed. A guest that is already gone is a success. A migration in progress is waited for.
   * @param signal stops the migration, as `abortLive` does
   * @throws {Failure} `conflict` when the guest is off, `timed-out` when the migration was stopped
   */
  migrateLive(migration: LiveMigration, signal: AbortSignal): Promise<void>;
  /** At the source: progress of the migration; null when there is none. */
  liveProgress(server: ServerId): Promise<LiveProgress | null>;
  /**
   * At the source: aborts the migration. The guest keeps running here unless it is already gone. Resolves
   * when no migration is in progress.
   */
  abortLive(server: ServerId): Promise<void>;
  /**
   * At the source: pauses the guest so that the migration must complete; it resumes at the destination.
   * Without a migration: does nothing.
   */
  forceLive(server: ServerId): Promise<void>;
}
