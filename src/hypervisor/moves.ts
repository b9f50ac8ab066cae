import type { Readable } from 'node:stream';
import type { GuestPlan } from '../model/guest.ts';
import type { ServerId } from '../model/ids.ts';

/** How far a live migration has come, in bytes (libvirt's job statistics). */
export interface LiveProgress {
  readonly memoryTotal: number;
  readonly memoryProcessed: number;
  readonly memoryRemaining: number;
  readonly diskTotal: number;
  readonly diskProcessed: number;
  readonly diskRemaining: number;
}

/** A live migration as the source is asked for it. */
export interface LiveMigration {
  readonly server: ServerId;
  /** The address that `prepareLive` of the destination gave. */
  readonly destination: string;
  /** Whether both hosts see the same disk files, or their contents go along. */
  readonly disks: 'shared' | 'copied';
}

/**
 * The part of a driver's promise that moves guests between hosts; kept by both drivers, with laws of its own in `test/laws/moves.ts`.
 * Idempotent and failing as `driver.ts` says.
 */
export interface GuestMoves {
  /** A disk set as one stream in the driver's own form: sparse, with its checksums in it. The guest must not run. */
  exportDisks(server: ServerId, set: string, signal: AbortSignal): Promise<Readable>;
  /** Makes the disk set of a plan from such a stream, whole or not at all, grown to the plan's flavor, config drive made anew. */
  importDisks(plan: GuestPlan, data: Readable, signal: AbortSignal): Promise<void>;

  /** Leaves a mark among the server's files; another host that sees it shares them. */
  markDisks(server: ServerId, mark: string): Promise<void>;
  seesMark(server: ServerId, mark: string): Promise<boolean>;
  removeMark(server: ServerId, mark: string): Promise<void>;

  /**
   * At the destination: makes ready what the guest will find there (base images, kernel, config drive, empty disks to copy into).
   * @returns the address that the source is to migrate to
   */
  prepareLive(plan: GuestPlan, disks: 'shared' | 'copied', signal: AbortSignal): Promise<string>;
  /**
   * At the source: moves the running guest, its running and persistent definition as they are; then it is defined here no more.
   * When it fails the guest runs on here and is nowhere else. A guest that has already gone is success.
   */
  migrateLive(migration: LiveMigration, signal: AbortSignal): Promise<void>;
  /** At the source; null when none is under way. */
  liveProgress(server: ServerId): Promise<LiveProgress | null>;
  /** At the source: stops it; the guest runs on here. None under way: does nothing. */
  abortLive(server: ServerId): Promise<void>;
  /** At the source: pauses the guest until it has gone, so that it must come to an end. */
  forceLive(server: ServerId): Promise<void>;
}
