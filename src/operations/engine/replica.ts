import { randomUUID } from 'node:crypto';

/** How long a replica may be silent before another one takes over what it was doing. Milliseconds. */
const LEASE_MS = 6_000;
/** How often a replica says that it lives, and looks for what others left. Milliseconds. */
export const LEASE_RENEWAL_MS = 2_000;

/** One process that runs operations. */
export interface Replica {
  readonly id: string;
  /**
   * Whether there may be others on the same store. The only one needs no leases: what it finds unfinished is
   * its own.
   */
  readonly shared: boolean;
  /** Until when a lease given now lasts; epoch milliseconds. */
  leaseFrom(now: number): number;
}

/** This process as a replica; each start is a new one. */
export function newReplica({ shared }: { readonly shared: boolean }): Replica {
  return {
    id: randomUUID(),
    shared,
    leaseFrom: (now) => (shared ? now + LEASE_MS : 0),
  };
}
