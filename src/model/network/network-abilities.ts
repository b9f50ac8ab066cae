/** What the network backend of a host can do. It goes into the host's report, and the scheduler reads it. */
export interface NetworkAbilities {
  /** Networks behind the host's own address; otherwise the reason why there are none. */
  readonly nat: true | string;
  /** Physical networks that flat networks can be on here (`bridge_mappings`). */
  readonly physicalNetworks: readonly string[];
  /** Security groups and anti-spoofing; otherwise the reason why a port cannot have them here. */
  readonly filters: true | string;
  /**
   * Whether a network of one project is kept apart from those of others, and is the same network on all hosts
   * that report it. Absent: no.
   */
  readonly isolates?: boolean;
}
