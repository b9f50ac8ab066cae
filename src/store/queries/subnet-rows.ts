import type { ProjectId } from '../../model/ids.ts';
import type { Subnet } from '../../model/network/network.ts';
import type { NetworkId, SubnetId } from '../../model/network/network-ids.ts';
import type { SubnetsTable } from '../sql/network-schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { holdRows, lockForDelete } from './row-locks.ts';

const ofNetwork = statement((dialect, of: { network: string }) =>
  lockForDelete(
    dialect,
    dialect.db.selectFrom('subnets').selectAll().where('network_id', '=', of.network).orderBy('id'),
  ),
);

const some = statement((dialect, of: { ids: readonly string[] }) =>
  holdRows(dialect, dialect.db.selectFrom('subnets').selectAll().where('id', 'in', of.ids).orderBy('id')),
);

/** Locks all subnets of a network against claims and changes. */
export function lockSubnetsOf(session: Session, network: NetworkId): Promise<SubnetsTable[]> {
  return ofNetwork(session, { network });
}

/** Subnets whose pools cannot change before the transaction ends. Claims and releases do this first. */
export async function holdSubnets(
  session: Session,
  ids: readonly SubnetId[],
): Promise<ReadonlyMap<SubnetId, Subnet>> {
  if (ids.length === 0) return new Map();
  const rows = await some(session, { ids: [...new Set(ids)] });
  return new Map(rows.map((row) => [row.id as SubnetId, subnetOf(row)]));
}

type Body = Pick<
  Subnet,
  | 'description'
  | 'allocationPools'
  | 'dnsNameservers'
  | 'hostRoutes'
  | 'ipv6AddressMode'
  | 'ipv6RaMode'
  | 'tags'
>;

/** @param keys address keys of the first and the last address */
export function rowOfSubnet(subnet: Subnet, keys: { first: string; last: string }): SubnetsTable {
  const { description, allocationPools, dnsNameservers, hostRoutes, ipv6AddressMode, ipv6RaMode, tags } =
    subnet;
  const body: Body = {
    description,
    allocationPools,
    dnsNameservers,
    hostRoutes,
    ipv6AddressMode,
    ipv6RaMode,
    tags,
  };
  return {
    id: subnet.id,
    generation: subnet.generation,
    network_id: subnet.networkId,
    project_id: subnet.projectId,
    name: subnet.name,
    ip_version: subnet.ipVersion,
    cidr: subnet.cidr,
    first: keys.first,
    last: keys.last,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: Number(subnet.enableDhcp),
    created_at: subnet.createdAt,
    updated_at: subnet.updatedAt,
    body: JSON.stringify(body),
  };
}

export function subnetOf(row: SubnetsTable): Subnet {
  const body = JSON.parse(row.body) as Body;
  return {
    id: row.id as SubnetId,
    generation: row.generation,
    networkId: row.network_id as NetworkId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    description: body.description,
    ipVersion: row.ip_version,
    cidr: row.cidr,
    gatewayIp: row.gateway_ip,
    enableDhcp: row.enable_dhcp === 1,
    allocationPools: body.allocationPools,
    dnsNameservers: body.dnsNameservers,
    hostRoutes: body.hostRoutes,
    ipv6AddressMode: body.ipv6AddressMode,
    ipv6RaMode: body.ipv6RaMode,
    tags: body.tags,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
