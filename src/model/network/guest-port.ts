import type { NetworkKind } from './network.ts';
import type { MacAddress, NetworkId, PortId, SubnetId } from './network-ids.ts';

/** An address as a guest and its host use it. */
export interface GuestAddress {
  readonly subnetId: SubnetId;
  readonly version: 4 | 6;
  readonly address: string;
  /** Canonical CIDR of the subnet. */
  readonly cidr: string;
  readonly gateway: string | null;
  /** The host serves this address by DHCP. */
  readonly dhcp: boolean;
  readonly dns: readonly string[];
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
}

/** A security group rule with its remote group resolved. */
export interface GuestRule {
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  readonly protocol: string | null;
  readonly portRangeMin: number | null;
  readonly portRangeMax: number | null;
  /** Canonical CIDRs of the other end; null: anywhere. Empty: a remote group without members. */
  readonly remotes: readonly string[] | null;
}

/** All that a host needs to know of one port of a guest. */
export interface GuestPort {
  readonly id: PortId;
  readonly mac: MacAddress;
  readonly network: {
    readonly id: NetworkId;
    readonly name: string;
    readonly kind: NetworkKind;
    readonly physicalNetwork: string | null;
    /** Bytes */
    readonly mtu: number;
    readonly dnsDomain: string;
    /** All subnets of it: a host makes its DHCP service of them. */
    readonly subnets: readonly {
      readonly id: SubnetId;
      readonly cidr: string;
      readonly gateway: string | null;
      readonly dhcp: boolean;
      readonly dns: readonly string[];
    }[];
  };
  readonly addresses: readonly GuestAddress[];
  /** Given by DHCP and DNS. */
  readonly hostname: string;
  /** Nova's device tag; null: none. */
  readonly tag: string | null;
  /** null: neither filters nor anti-spoofing (`port_security_enabled` false). */
  readonly rules: readonly GuestRule[] | null;
}
