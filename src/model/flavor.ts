import type { FlavorId, ProjectId } from './ids.ts';

/**
 * What a server keeps of its flavor: a full copy made at create or resize, so that later edits touch no
 * existing server (nova/objects/instance.py Instance._save_flavor).
 */
export interface FlavorSnapshot {
  readonly id: FlavorId;
  /** Tells it from others that have had its id before or since. Absent in what an earlier version stored. */
  readonly record?: string;
  readonly name: string;
  readonly vcpus: number;
  /** MiB */
  readonly ramMb: number;
  /** GiB; 0 means as large as the image */
  readonly rootGb: number;
  /** GiB */
  readonly ephemeralGb: number;
  /** MiB */
  readonly swapMb: number;
  readonly rxtxFactor: number;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

/** A flavor as administrators keep it. */
export interface Flavor extends FlavorSnapshot {
  readonly generation: number;
  readonly description: string | null;
  readonly isPublic: boolean;
  readonly disabled: boolean;
  /** Projects that may use it when it is not public. */
  readonly access: readonly ProjectId[];
  /** Epoch milliseconds */
  readonly createdAt: number;
}

/** The part of a flavor that a server copies. */
export function snapshotOfFlavor(flavor: FlavorSnapshot): FlavorSnapshot {
  const { id, record, name, vcpus, ramMb, rootGb, ephemeralGb, swapMb, rxtxFactor, extraSpecs } = flavor;
  const sizes = { vcpus, ramMb, rootGb, ephemeralGb, swapMb, rxtxFactor };
  return { id, ...(record !== undefined && { record }), name, ...sizes, extraSpecs: { ...extraSpecs } };
}

/** Whether two copies are of one flavor: one that was deleted and made anew with the same id is another. */
export function isSameFlavor(one: FlavorSnapshot, other: FlavorSnapshot): boolean {
  return one.id === other.id && one.record === other.record;
}
