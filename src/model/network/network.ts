import type { ProjectId } from '../ids.ts';
import type { NetworkId, SubnetId } from './network-ids.ts';

/**
 * How a network reaches its hosts. `nat`: each host makes a network of its own behind its address, with DHCP.
 * `flat`: guests are on the bridge that `bridge_mappings` gives for the physical network; its DHCP and router
 * are not ours. Neutron's `provider:network_type`; `nat` is Nameplate's own and shown as `local`.
 */
export type NetworkKind = 'nat' | 'flat';

/** A layer 2 network (Neutron `network`). All times are epoch milliseconds. */
export interface Network {
  readonly id: NetworkId;
  /** Grows by one with every write; Neutron's `revision_number`. */
  readonly generation: number;
  readonly name: string;
  readonly description: string;
  readonly projectId: ProjectId;
  readonly shared: boolean;
  readonly adminStateUp: boolean;
  readonly kind: NetworkKind;
  /** Neutron's `provider:physical_network`; null for `nat`. */
  readonly physicalNetwork: string | null;
  /** Bytes */
  readonly mtu: number;
  readonly dnsDomain: string;
  /** What its ports have unless they say otherwise. */
  readonly portSecurityEnabled: boolean;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Addresses from `start` to `end`, both included, in canonical text. */
export interface AddressRange {
  readonly start: string;
  readonly end: string;
}

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

/** Addresses of a network (Neutron `subnet`). */
export interface Subnet {
  readonly id: SubnetId;
  readonly generation: number;
  readonly networkId: NetworkId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly description: string;
  readonly ipVersion: 4 | 6;
  /** Canonical: the network's own address and its prefix length. */
  readonly cidr: string;
  readonly gatewayIp: string | null;
  readonly enableDhcp: boolean;
  readonly allocationPools: readonly AddressRange[];
  readonly dnsNameservers: readonly string[];
  readonly hostRoutes: readonly HostRoute[];
  /** IPv6 only; null as Neutron. */
  readonly ipv6AddressMode: string | null;
  readonly ipv6RaMode: string | null;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}
