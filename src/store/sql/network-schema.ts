import type { Generated } from 'kysely';

/** The tables of the network service, as `schema.ts` describes its own. */
export interface NetworkSchema {
  networks: NetworksTable;
  subnets: SubnetsTable;
  ports: PortsTable;
  port_addresses: PortAddressesTable;
  free_addresses: FreeAddressesTable;
  security_groups: SecurityGroupsTable;
  security_group_rules: SecurityGroupRulesTable;
  port_security_groups: { port_id: string; group_id: string };
  /** Of networks, subnets, ports and security groups. */
  network_tags: { resource_id: string; tag: string };
  /** How many of a resource a project has, kept up in the transaction that changes it. */
  network_usage: { project_id: string; resource: string; used: number };
}

export interface NetworksTable {
  id: string;
  generation: number;
  project_id: string;
  name: string;
  shared: number;
  admin_state_up: number;
  physical_network: string | null;
  mtu: number;
  created_at: number;
  updated_at: number;
  body: string;
}

export interface SubnetsTable {
  id: string;
  generation: number;
  network_id: string;
  project_id: string;
  name: string;
  ip_version: 4 | 6;
  cidr: string;
  /** Address keys of the first and the last address (`model/network/address.ts`). */
  first: string;
  last: string;
  gateway_ip: string | null;
  enable_dhcp: number;
  created_at: number;
  updated_at: number;
  body: string;
}

export interface PortsTable {
  id: string;
  generation: number;
  network_id: string;
  project_id: string;
  name: string;
  admin_state_up: number;
  mac: string;
  /** Unique. The port's MAC, or null where another port that release 0.1 gave the same one claims it. */
  claimed_mac: string | null;
  device_id: string;
  device_owner: string;
  /** `Port.index` */
  place: number | null;
  host: string | null;
  status: string;
  created_at: number;
  updated_at: number;
  body: string;
}

/** Claimed addresses: one port an address. */
export interface PortAddressesTable {
  subnet_id: string;
  /** Address key */
  key: string;
  address: string;
  port_id: string;
}

/** Ranges that are free. */
export interface FreeAddressesTable {
  number: Generated<number>;
  subnet_id: string;
  /** 0: since the subnet was made. Addresses that became free first are claimed first. */
  freed_at: number;
  /** Address keys, both included */
  first: string;
  last: string;
}

export interface SecurityGroupsTable {
  id: string;
  generation: number;
  project_id: string;
  name: string;
  /** The project, for its default group. */
  default_of: string | null;
  created_at: number;
  updated_at: number;
  body: string;
}

export interface SecurityGroupRulesTable {
  number: Generated<number>;
  id: string;
  group_id: string;
  project_id: string;
  remote_group_id: string | null;
  /** What the rule matches: equal rules have equal texts. */
  matches: string;
  created_at: number;
  body: string;
}
