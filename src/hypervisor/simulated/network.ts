import type { SimulatedDisk, SimulatedGuest } from './guest-file.ts';

/** A running guest on its way: what it was started from, what its next start will be from, and its disks. */
export interface MigratingGuest extends Pick<SimulatedGuest, 'serverId' | 'power' | 'definition' | 'live'> {
  readonly disks: Readonly<Record<string, SimulatedDisk>>;
  readonly line: string;
}

/** Where simulated hosts of one process meet: a live migration is a call of the other one. */
export class SimulatedNetwork {
  /** By address: takes in a guest that comes. */
  readonly hosts = new Map<string, (guest: MigratingGuest) => Promise<void>>();
  /** Whether all of them keep their disks in one place. */
  readonly sharesDisks: boolean;
  /** Marks that all of them see. */
  readonly marks = new Set<string>();
  /**
   * Whether guests change their memory faster than it is copied: then a live migration ends only by force, or
   * is stopped.
   */
  stalls = false;

  constructor({ sharesDisks }: { sharesDisks: boolean }) {
    this.sharesDisks = sharesDisks;
  }
}
