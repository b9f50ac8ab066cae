import type { HostName, ProjectId } from '../ids.ts';
import type { MacAddress, NetworkId, PortId, SecurityGroupId, SubnetId } from './network-ids.ts';

/** Addresses that one port may have: no quota counts them. */
export const MAX_ADDRESSES = 16;

/** An address of a port, claimed in its subnet. */
export interface FixedIp {
  readonly subnetId: SubnetId;
  /** Canonical text. */
  readonly address: string;
}

/** A guest's (or somebody's) place on a network: MAC and addresses (Neutron `port`). */
export interface Port {
  readonly id: PortId;
  readonly generation: number;
  readonly networkId: NetworkId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly description: string;
  readonly adminStateUp: boolean;
  /** For the port's life. No other port has it, but those that release 0.1 made with the same one. */
  readonly mac: MacAddress;
  readonly fixedIps: readonly FixedIp[];
  /** The server's id, or what the owner wrote; empty: none. */
  readonly deviceId: string;
  /** `compute:<zone>` for a server's; empty: none. */
  readonly deviceOwner: string;
  /** Neutron's `binding:host_id`; null: not bound. */
  readonly host: HostName | null;
  readonly status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR';
  readonly securityGroupIds: readonly SecurityGroupId[];
  readonly portSecurityEnabled: boolean;
  /** Neutron's `binding:vnic_type`; only `normal` is accepted. */
  readonly vnicType: string;
  readonly dnsName: string;
  readonly tags: readonly string[];
  /** Made by compute for the server, so deleted with it (Nova: `preserve_on_delete` false). */
  readonly deletedWithServer: boolean;
  /** Order among the server's interfaces, from 0; null: no server's. */
  readonly index: number | null;
  /** Nova's device tag (`networks[].tag`, 2.32); null: none. */
  readonly deviceTag: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
