import type { ProjectId, ServerId } from '../../model/ids.ts';
import type { Network, Subnet } from '../../model/network/network.ts';
import type {
  MacAddress,
  NetworkId,
  PortId,
  SecurityGroupId,
  SubnetId,
} from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/network/security-group.ts';
import type { Page } from './page.ts';

/** A row as its reader saw it: a write that names an old generation fails with `conflict`. */
export interface Seen<Id> {
  readonly id: Id;
  readonly generation: number;
}

/** What a list of network resources can be narrowed by; a list of values: any of them. */
export interface CommonFilter<Id> {
  readonly ids?: readonly Id[];
  readonly names?: readonly string[];
  readonly projectIds?: readonly ProjectId[];
  /** Owned by this project, or shared with it. */
  readonly visibleTo?: ProjectId;
  /** All of them, any of them, not all of them, none of them. */
  readonly tags?: readonly string[];
  readonly tagsAny?: readonly string[];
  readonly notTags?: readonly string[];
  readonly notTagsAny?: readonly string[];
}

export interface NetworkFilter extends CommonFilter<NetworkId> {
  readonly shared?: boolean;
  readonly adminStateUp?: boolean;
}

export interface NetworkQueries {
  /** @throws {Failure} `conflict` when the id or the physical network is taken */
  insert(network: Network): Promise<void>;
  find(id: NetworkId): Promise<Network | undefined>;
  list(filter: NetworkFilter, page: Page): Promise<Network[]>;
  update(seen: Seen<NetworkId>, patch: Partial<Network>): Promise<Network>;
  /** @throws {Failure} `conflict` while ports are on it; its subnets go with it */
  delete(id: NetworkId): Promise<boolean>;
  /** How many the project has. A locking transaction locks the number until it ends. */
  count(project: ProjectId): Promise<number>;
}

export interface SubnetFilter extends CommonFilter<SubnetId> {
  readonly networkIds?: readonly NetworkId[];
  readonly ipVersion?: 4 | 6;
  readonly cidrs?: readonly string[];
  readonly enableDhcp?: boolean;
  readonly gatewayIps?: readonly string[];
}

export interface SubnetQueries {
  /** Also opens its pools. @throws {Failure} `invalid` when it overlaps another subnet of the network */
  insert(subnet: Subnet): Promise<void>;
  find(id: SubnetId): Promise<Subnet | undefined>;
  list(filter: SubnetFilter, page: Page): Promise<Subnet[]>;
  /** Ports keep their addresses when a pool shrinks; these do not return to it. */
  update(seen: Seen<SubnetId>, patch: Partial<Subnet>): Promise<Subnet>;
  /** @throws {Failure} `conflict` while ports have addresses of it */
  delete(id: SubnetId): Promise<boolean>;
  /** How many the project has. A locking transaction locks the number until it ends. */
  count(project: ProjectId): Promise<number>;
}

/** An address of a port to be: a given one, or any free one of the subnet's pools. */
export interface AddressRequest {
  readonly subnetId: SubnetId;
  readonly address?: string;
}

/** A port to be made. */
export interface PortRequest extends Omit<Port, 'mac' | 'fixedIps'> {
  /** null: one is generated that no other port has. */
  readonly mac: MacAddress | null;
  readonly addresses: readonly AddressRequest[];
}

/** The interface of a server that an earlier release made: its MAC stays what it is. */
export type EarlierPort = PortRequest & { readonly mac: MacAddress };

export interface PortFilter extends Omit<CommonFilter<PortId>, 'visibleTo'> {
  /** Owned by this project, or on a network of it. */
  readonly visibleTo?: ProjectId;
  readonly networkIds?: readonly NetworkId[];
  readonly deviceIds?: readonly string[];
  readonly deviceOwners?: readonly string[];
  readonly macs?: readonly string[];
  readonly statuses?: readonly string[];
  readonly adminStateUp?: boolean;
  readonly securityGroupIds?: readonly SecurityGroupId[];
  readonly fixedIps?: readonly { readonly subnetId?: SubnetId; readonly address?: string }[];
}

export type PortPatch = Partial<Omit<Port, 'fixedIps'>> & {
  readonly addresses?: readonly AddressRequest[];
};

/** A port as its server shows it. */
export interface ServerPort {
  /** Name of its network. */
  readonly network: string;
  readonly mac: MacAddress;
  readonly addresses: readonly string[];
  /** Names of its security groups. */
  readonly groups: readonly string[];
}

export interface PortQueries {
  /**
   * Claims MAC and addresses, in the caller's transaction.
   * @throws {Failure} `conflict`, naming the holder, when a chosen MAC or address is taken, or when a pool is
   * exhausted
   */
  insert(request: PortRequest): Promise<Port>;
  /**
   * Adds an interface that an earlier release made, also where another port has its MAC: from then on nothing
   * else can claim it.
   */
  takeIn(request: EarlierPort): Promise<Port>;
  /** The ports that have their MAC in common with another one. */
  withSharedMacs(): Promise<readonly Port[]>;
  find(id: PortId): Promise<Port | undefined>;
  /** The ports attached to servers, by index; none that only names one as its device. One query for all. */
  ofServers(servers: readonly string[]): Promise<ReadonlyMap<string, readonly Port[]>>;
  /** What servers show of their ports, by index; servers without ports are left out. One query for all. */
  shownOf(servers: readonly ServerId[]): Promise<ReadonlyMap<ServerId, readonly ServerPort[]>>;
  list(filter: PortFilter, page: Page): Promise<Port[]>;
  /** The addresses of all ports in a security group: many, and a host needs nothing else of them. */
  addressesIn(group: SecurityGroupId): Promise<readonly string[]>;
  /** `addresses`: claims those that are new, and gives back those that are not named any more. */
  update(seen: Seen<PortId>, patch: PortPatch): Promise<Port>;
  /** Gives back its MAC and addresses. */
  delete(id: PortId): Promise<boolean>;
  /** How many the project has. A locking transaction locks the number until it ends. */
  count(project: ProjectId): Promise<number>;
}

export interface RuleFilter {
  readonly ids?: readonly string[];
  readonly groupIds?: readonly SecurityGroupId[];
  readonly projectIds?: readonly ProjectId[];
  readonly remoteGroupIds?: readonly SecurityGroupId[];
}

export interface SecurityGroupQueries {
  insert(group: SecurityGroup): Promise<void>;
  find(id: SecurityGroupId): Promise<SecurityGroup | undefined>;
  list(filter: CommonFilter<SecurityGroupId>, page: Page): Promise<SecurityGroup[]>;
  /** The project's group `default`; makes it with Neutron's rules if it is not there. */
  defaultOf(project: ProjectId, at: number): Promise<SecurityGroup>;
  update(seen: Seen<SecurityGroupId>, patch: Partial<Omit<SecurityGroup, 'rules'>>): Promise<SecurityGroup>;
  /** @throws {Failure} `conflict` when an equal rule exists */
  addRule(rule: SecurityGroupRule): Promise<void>;
  listRules(filter: RuleFilter, page: Page): Promise<SecurityGroupRule[]>;
  findRule(id: string): Promise<SecurityGroupRule | undefined>;
  deleteRule(id: string): Promise<boolean>;
  /** Rules that name it as their remote group go with it. @throws {Failure} `conflict` while ports use it */
  delete(id: SecurityGroupId): Promise<boolean>;
  /** How many the project has. A locking transaction locks the number until it ends. */
  count(project: ProjectId): Promise<number>;
  countRules(project: ProjectId): Promise<number>;
}
