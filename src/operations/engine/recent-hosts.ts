import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import type { Candidate } from '../../scheduler/filter.ts';

/** All hosts as they were a moment ago. */
export interface HostView {
  readonly candidates: ReadonlyMap<HostName, Candidate>;
  /** Epoch milliseconds */
  readonly readAt: number;
  /** Milliseconds */
  readonly freshFor: number;
}

/** What steps choose hosts from; implemented by `placement/host-view.ts`. */
export interface RecentHosts {
  /** The hosts as they were a moment ago. */
  recent(): HostView | Promise<HostView>;
  /** The hosts as they are from now on, read once for all who call this meanwhile. */
  refreshed(): Promise<HostView>;
  /** Counts a claim, so that the next choice knows of it before the hosts are read again. */
  noteClaim(host: HostName, flavor: FlavorSnapshot): void;
}
