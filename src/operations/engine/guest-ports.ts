import type { ServerId } from '../../model/ids.ts';
import type { GuestAddress, GuestPort, GuestRule } from '../../model/network/guest-port.ts';
import type { Network, Subnet } from '../../model/network/network.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { FixedIp, Port } from '../../model/network/port.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/network/security-group.ts';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';

/** What ports are resolved from. */
export type PortQueries = Pick<Queries, 'ports' | 'networks' | 'subnets' | 'securityGroups'>;

/** More than any list of a port's networks, subnets or groups has. */
const ALL = { limit: 1_000_000 } as const;

type Owner = Pick<Server, 'id' | 'hostname'>;

/** What is resolved of ports. */
export interface Resolved {
  /** Whether their rules are; without them a port lets nothing in. */
  readonly rules: boolean;
}

/** The ports of a server as its host needs them: as they are now, in the order of its interfaces. */
export async function guestPortsOf(
  queries: PortQueries,
  server: Owner,
  resolved: Resolved = { rules: true },
): Promise<readonly GuestPort[]> {
  return (await guestPortsOfServers(queries, [server], resolved)).get(server.id) ?? [];
}

/**
 * The same of several servers: what they share is read once. A security group that lets its own members in
 * has as many addresses as ports, and each of them has them all.
 */
export async function guestPortsOfServers(
  queries: PortQueries,
  servers: readonly Owner[],
  { rules }: Resolved = { rules: true },
): Promise<ReadonlyMap<ServerId, readonly GuestPort[]>> {
  const found = await queries.ports.ofServers(servers.map(({ id }) => id));
  const ports = [...found.values()].flat();
  if (ports.length === 0) return new Map();
  const ids = [...new Set(ports.map(({ networkId }) => networkId))];
  const networks = new Map((await queries.networks.list({ ids }, ALL)).map((each) => [each.id, each]));
  const subnets = Map.groupBy(await queries.subnets.list({ networkIds: ids }, ALL), (each) => each.networkId);
  const groups = rules ? await groupsOf(queries, ports) : NO_GROUPS;
  const resolved = (port: Port, hostname: string): GuestPort[] => {
    const network = networks.get(port.networkId);
    if (network === undefined) return [];
    return [guestPort(port, { network, subnets: subnets.get(network.id) ?? [], groups, hostname })];
  };
  return new Map(
    servers.map(({ id, hostname }) => [
      id,
      (found.get(id) ?? []).flatMap((port) => resolved(port, hostname)),
    ]),
  );
}

/** Security groups by id, and the addresses of the members of those that their rules name. */
interface Groups {
  readonly groups: ReadonlyMap<SecurityGroupId, SecurityGroup>;
  readonly members: ReadonlyMap<SecurityGroupId, readonly string[]>;
}

const NO_GROUPS: Groups = { groups: new Map(), members: new Map() };

async function groupsOf(queries: PortQueries, ports: readonly Port[]): Promise<Groups> {
  const ids = [...new Set(ports.flatMap(({ securityGroupIds }) => securityGroupIds))];
  const found = ids.length === 0 ? [] : await queries.securityGroups.list({ ids }, ALL);
  const remote = new Set(found.flatMap(({ rules }) => rules.flatMap((rule) => rule.remoteGroupId ?? [])));
  const members = new Map<SecurityGroupId, readonly string[]>();
  for (const id of remote) members.set(id, await queries.ports.addressesIn(id));
  return { groups: new Map(found.map((group) => [group.id, group])), members };
}

interface Surroundings {
  readonly network: Network;
  readonly subnets: readonly Subnet[];
  readonly groups: Groups;
  readonly hostname: string;
}

function guestPort(port: Port, { network, subnets, groups, hostname }: Surroundings): GuestPort {
  const { id, name, kind, physicalNetwork, mtu, dnsDomain } = network;
  return {
    id: port.id,
    mac: port.mac,
    network: {
      ...{ id, name, kind, physicalNetwork, mtu, dnsDomain },
      subnets: subnets.map((subnet) => ({
        ...{ id: subnet.id, cidr: subnet.cidr, gateway: subnet.gatewayIp },
        ...{ dhcp: subnet.enableDhcp, dns: subnet.dnsNameservers },
      })),
    },
    addresses: port.fixedIps.flatMap((ip) => addressOf(ip, subnets)),
    hostname: port.dnsName === '' ? hostname : port.dnsName,
    tag: port.deviceTag,
    rules: port.portSecurityEnabled ? rulesOf(port, groups) : null,
  };
}

function addressOf({ subnetId, address }: FixedIp, subnets: readonly Subnet[]): GuestAddress[] {
  const subnet = subnets.find(({ id }) => id === subnetId);
  if (subnet === undefined) return [];
  const { ipVersion: version, cidr, gatewayIp: gateway, enableDhcp: dhcp } = subnet;
  const { dnsNameservers: dns, hostRoutes: routes } = subnet;
  return [{ subnetId, version, address, cidr, gateway, dhcp, dns, routes }];
}

/** The rules of all its groups; one that two of them have is there once. */
function rulesOf({ securityGroupIds }: Port, { groups, members }: Groups): readonly GuestRule[] {
  const rules = securityGroupIds.flatMap((id) => groups.get(id)?.rules ?? []);
  const resolved = rules.map((rule) => resolve(rule, members));
  return [...new Map(resolved.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function resolve(rule: SecurityGroupRule, members: Groups['members']): GuestRule {
  const { direction, ethertype, protocol, portRangeMin, portRangeMax } = rule;
  return { direction, ethertype, protocol, portRangeMin, portRangeMax, remotes: remotesOf(rule, members) };
}

function remotesOf(
  { ethertype, remoteIpPrefix, remoteGroupId }: SecurityGroupRule,
  members: Groups['members'],
): readonly string[] | null {
  if (remoteIpPrefix !== null) return [remoteIpPrefix];
  if (remoteGroupId === null) return null;
  const isSix = ethertype === 'IPv6';
  const addresses = members.get(remoteGroupId) ?? [];
  return addresses
    .filter((address) => address.includes(':') === isSix)
    .map((address) => `${address}/${isSix ? 128 : 32}`);
}
