import type { FlavorId, ProjectId } from './ids.ts';

/** What a server keeps of its flavor: a full copy made at create or resize, so that later edits touch no existing server (nova/objects/instance.py). */
export interface FlavorSnapshot {
  readonly id: FlavorId;
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
  const { id, name, vcpus, ramMb, rootGb, ephemeralGb, swapMb, rxtxFactor, extraSpecs } = flavor;
  return { id, name, vcpus, ramMb, rootGb, ephemeralGb, swapMb, rxtxFactor, extraSpecs: { ...extraSpecs } };
}
