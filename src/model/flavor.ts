import type { FlavorId, ProjectId } from './ids.ts';

/**
 * A server's copy of its flavor, made at create or resize, so that later edits of the flavor do not affect
 * the server (nova/objects/instance.py Instance._save_flavor).
 */
export interface FlavorSnapshot {
  readonly id: FlavorId;
  /** Differs between flavors that had the same id at different times. Absent in rows of release 0.1. */
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

/** A flavor as the store keeps it. */
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

/** Whether two copies are of the same flavor. A flavor that was deleted and created again is another one. */
export function isSameFlavor(one: FlavorSnapshot, other: FlavorSnapshot): boolean {
  return one.id === other.id && one.record === other.record;
}
