import type { FlavorSnapshot } from '../model/flavor.ts';
import type { ComputeHost } from '../model/host.ts';

/** What a server needs of a host. */
export interface Wanted {
  readonly flavor: FlavorSnapshot;
  /** The availability zone that the user asked for. */
  readonly zone: string | null;
  /** The host that an administrator named. It is checked like any other. */
  readonly host: string | null;
}

/** A host, with what its servers take up. */
export interface Candidate {
  readonly host: ComputeHost;
  readonly used: { readonly cores: number; readonly ramMb: number; readonly diskGb: number };
}

/** Limits that operators set. */
export interface SchedulerLimits {
  readonly cpuAllocationRatio: number;
  readonly ramAllocationRatio: number;
  readonly diskAllocationRatio: number;
  readonly reservedMemoryMb: number;
  readonly reservedDiskGb: number;
  /** Milliseconds without a report after which a host counts as down. */
  readonly serviceDownMs: number;
}

/** One reason for refusing hosts. Pure. */
export interface Filter {
  readonly name: string;
  /** @returns why the host will not do, as a sentence, or undefined when it will */
  refuses(
    wanted: Wanted,
    candidate: Candidate,
    at: { limits: SchedulerLimits; now: number },
  ): string | undefined;
}
