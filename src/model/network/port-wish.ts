import type { MacAddress, NetworkId, PortId, SubnetId } from './network-ids.ts';

/** A port that is there already, for a server to use. */
export interface ExistingPort {
  readonly portId: PortId;
  readonly tag: string | null;
}

/** A port that compute makes for a server, and deletes with it. */
export interface NewPort {
  readonly networkId: NetworkId;
  /**
   * What it may have, best first: each is tried when the one before has none left. Empty on a flat network
   * whose addresses are not ours. Without `address`: any free one of the subnet.
   */
  readonly choices: readonly (readonly { readonly subnetId: SubnetId; readonly address?: string }[])[];
  readonly portSecurityEnabled: boolean;
  /** Chosen for an imported server; absent: a new one. */
  readonly mac?: MacAddress;
  readonly tag: string | null;
}

export type PortWish = ExistingPort | NewPort;
