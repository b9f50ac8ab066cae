import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { isUuid } from '../../model/ids.ts';
import type { Network, Subnet } from '../../model/network/network.ts';
import type { NetworkId, SubnetId } from '../../model/network/network-ids.ts';
import { planSubnet } from '../../model/network/plan-subnet.ts';
import { Type } from '../../model/schema.ts';
import type { Route } from '../http/route.ts';
import { anything, flag, listOf, object, text, textOrNull, texts, word } from '../http/shape.ts';
import { among, commonFilter, flagFilter } from './common-filter.ts';
import { COMMON_FILTERS, COMMON_READ_ONLY, commonFields, commonView } from './common-view.ts';
import { Flag } from './converted.ts';
import {
  Address,
  attributes,
  Cidr,
  Description,
  Name,
  NoItems,
  nullable,
  Owner,
  only,
  Uuid,
} from './fields.ts';
import { isShownTo } from './network-view.ts';
import { ownerOf } from './owner.ts';
import { invalidInput, networkNotFound, refusedByPolicy, subnetNotFound } from './refusals.ts';
import { requireQuota } from './require-quota.ts';
import { isOfProject, type Reading, type Resource, type View, type Writing } from './resource.ts';
import { resourceRoutes } from './resource-routes.ts';
import { tagRoutes } from './tags.ts';

/** Subnets of one network: each is looked through when a port is made. */
const MAX_SUBNETS = 64;
const MAX_POOLS = 32;
/** neutron/conf/common.py max_dns_nameservers, max_subnet_host_routes */
const MAX_DNS = 5;
const MAX_ROUTES = 20;
const MODE = 'dhcpv6-stateful';
const MODES = "'dhcpv6-stateful' or null: each address is assigned by the service, not by the guest";

const IpVersion = Type.Unsafe<4 | 6>({ enum: [4, 6, '4', '6'], '~accepts': '4 or 6', '~convert': Number });
const Range = Type.Object({ start: Address, end: Address }, { additionalProperties: false });
const HostRoute = Type.Object({ destination: Cidr, nexthop: Address }, { additionalProperties: false });

const fields = {
  name: Type.Optional(Name),
  description: Type.Optional(Description),
  gateway_ip: Type.Optional(nullable(Address)),
  enable_dhcp: Type.Optional(Flag),
  allocation_pools: Type.Optional(Type.Array(Range, { maxItems: MAX_POOLS })),
  dns_nameservers: Type.Optional(nullable(Type.Array(Address, { maxItems: MAX_DNS, uniqueItems: true }))),
  host_routes: Type.Optional(nullable(Type.Array(HostRoute, { maxItems: MAX_ROUTES, uniqueItems: true }))),
  service_types: Type.Optional(NoItems),
};
const Mode = Type.Optional(Type.Unsafe<string | null>({ enum: [MODE, null], '~accepts': MODES }));

const create = attributes(
  {
    ...fields,
    network_id: Uuid,
    ip_version: IpVersion,
    cidr: Cidr,
    ipv6_ra_mode: Mode,
    ipv6_address_mode: Mode,
    subnetpool_id: Type.Optional(Type.Null()),
    use_default_subnetpool: Type.Optional(only(false, 'false: there are no subnet pools')),
    segment_id: Type.Optional(Type.Null()),
    project_id: Type.Optional(Owner),
    tenant_id: Type.Optional(Owner),
  },
  { in: 'POST', names: [...COMMON_READ_ONLY, 'tags'] },
);
const update = attributes(fields, {
  in: 'PUT',
  names: [
    ...COMMON_READ_ONLY,
    'network_id',
    'ip_version',
    'cidr',
    'ipv6_ra_mode',
    'ipv6_address_mode',
    'subnetpool_id',
    'segment_id',
    'project_id',
    'tenant_id',
    'tags',
  ],
});

const shape = object(
  {
    ...commonFields,
    network_id: text,
    ip_version: word(4, 6),
    cidr: text,
    gateway_ip: textOrNull,
    enable_dhcp: flag,
    allocation_pools: listOf(object({ start: text, end: text })),
    dns_nameservers: texts,
    host_routes: listOf(object({ destination: text, nexthop: text })),
    ipv6_ra_mode: textOrNull,
    ipv6_address_mode: textOrNull,
    subnetpool_id: anything,
    segment_id: anything,
    service_types: texts,
  },
  'Subnet',
);

const subnets: Resource<Subnet, typeof create, typeof update> = {
  name: 'subnet',
  collection: 'subnets',
  path: '/subnets',
  shape,
  create,
  update,
  abilities: {
    filters: [
      ...COMMON_FILTERS,
      'network_id',
      'ip_version',
      'cidr',
      'gateway_ip',
      'enable_dhcp',
      'ipv6_ra_mode',
      'ipv6_address_mode',
      'subnetpool_id',
      'segment_id',
    ],
    sortKeys: [
      'id',
      'name',
      'network_id',
      'project_id',
      'tenant_id',
      'ip_version',
      'cidr',
      'gateway_ip',
      'enable_dhcp',
      'created_at',
      'updated_at',
    ],
    hasTags: true,
  },
  notFound: subnetNotFound,
  find: async ({ store }, id) => (isUuid(id) ? store.subnets.find(id as SubnetId) : undefined),
  isVisible: async (at, subnet) => isOfProject(at, subnet) || isShownTo(at, await networkOf(at, subnet)),
  isOwn: async (at, subnet) => isOfProject(at, subnet) || isOfProject(at, await networkOf(at, subnet)),
  list: ({ store }, { visibleTo, query }, page) =>
    store.subnets.list(
      {
        ...commonFilter<SubnetId>(query, visibleTo),
        ...among<'networkIds', NetworkId>(query, 'networkIds', 'network_id'),
        ...among(query, 'cidrs', 'cidr'),
        ...among(query, 'gatewayIps', 'gateway_ip'),
        ...flagFilter(query, { enableDhcp: 'enable_dhcp' }),
      },
      page,
    ),
  views: async (_at, rows) => rows.map(viewOf),
  insert,
  change,
  remove: async ({ store }, { id }) => void (await store.subnets.delete(id)),
  affects: async (_at, { networkId }) => ({ networks: [networkId] }),
};

export const subnetRoutes: readonly Route[] = [
  ...resourceRoutes(subnets),
  ...tagRoutes(subnets, ({ store, now }, { id, generation }, tags) =>
    store.subnets.update({ id, generation }, { tags, updatedAt: now }),
  ),
];

/** The network of a subnet, which goes only with all its subnets. */
async function networkOf({ store }: Reading, { networkId }: Subnet): Promise<Network> {
  const network = await store.networks.find(networkId);
  if (network === undefined) throw networkNotFound(networkId);
  return network;
}

async function insert(at: Writing, asked: Static<typeof create>): Promise<Subnet> {
  const { store, caller, now } = at;
  const projectId = ownerOf(asked, caller);
  const network = await store.networks.find(asked.network_id.toLowerCase() as NetworkId);
  if (network === undefined || !isShownTo(at, network)) throw networkNotFound(asked.network_id);
  if (!isOfProject(at, network))
    throw refusedByPolicy('create_subnet', 'the network belongs to another project');
  await requireQuota(store, 'subnet', projectId);
  await requireRoomOn(at, network);
  const subnet: Subnet = {
    id: randomUUID() as SubnetId,
    generation: 1,
    networkId: network.id,
    projectId,
    name: asked.name ?? '',
    description: asked.description ?? '',
    ...modesOf(asked),
    ...planSubnet({
      ipVersion: asked.ip_version,
      cidr: asked.cidr,
      gatewayIp: asked.gateway_ip,
      enableDhcp: dhcpOf(network, asked.enable_dhcp),
      allocationPools: asked.allocation_pools,
      dnsNameservers: asked.dns_nameservers ?? [],
      hostRoutes: asked.host_routes ?? [],
    }),
    tags: [],
    createdAt: now,
    updatedAt: now,
  };
  await store.subnets.insert(subnet);
  return subnet;
}

async function requireRoomOn({ store }: Writing, { id }: Network): Promise<void> {
  const there = await store.subnets.list({ networkIds: [id] }, { limit: MAX_SUBNETS });
  if (there.length === MAX_SUBNETS)
    throw invalidInput(`network ${id} has ${MAX_SUBNETS} subnets, and no more are accepted`);
}

/** neutron/db/db_base_plugin_v2.py _validate_subnet, _validate_ipv6_dhcp */
function modesOf(asked: Static<typeof create>): Pick<Subnet, 'ipv6RaMode' | 'ipv6AddressMode'> {
  const { ipv6_ra_mode: ra = null, ipv6_address_mode: address = null } = asked;
  for (const [name, mode] of [
    ['ipv6_ra_mode', ra],
    ['ipv6_address_mode', address],
  ]) {
    if (mode !== null && asked.ip_version === 4)
      throw invalidInput(`${name} is not valid when ip_version is 4`);
    if (mode !== null && asked.enable_dhcp === false)
      throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  }
  return { ipv6RaMode: ra, ipv6AddressMode: address };
}

/** Hosts serve DHCP on their own networks; on a flat one somebody else may. */
function dhcpOf({ kind }: Network, asked: boolean | undefined): boolean {
  if (kind === 'flat' && asked === true)
    throw invalidInput(
      'enable_dhcp true is not accepted for a subnet of a flat network, because hosts serve no DHCP on it; with enable_dhcp false guests read their addresses from the config drive',
    );
  return asked ?? kind === 'nat';
}

async function change(at: Writing, subnet: Subnet, asked: Static<typeof update>): Promise<Subnet> {
  const network = await networkOf(at, subnet);
  const planned = planSubnet({
    ipVersion: subnet.ipVersion,
    cidr: subnet.cidr,
    gatewayIp: asked.gateway_ip === undefined ? subnet.gatewayIp : asked.gateway_ip,
    enableDhcp: asked.enable_dhcp === undefined ? subnet.enableDhcp : dhcpOf(network, asked.enable_dhcp),
    allocationPools: asked.allocation_pools ?? subnet.allocationPools,
    dnsNameservers:
      asked.dns_nameservers === undefined ? subnet.dnsNameservers : (asked.dns_nameservers ?? []),
    hostRoutes: asked.host_routes === undefined ? subnet.hostRoutes : (asked.host_routes ?? []),
  });
  return at.store.subnets.update(
    { id: subnet.id, generation: subnet.generation },
    {
      ...planned,
      ...(asked.name !== undefined && { name: asked.name }),
      ...(asked.description !== undefined && { description: asked.description }),
      updatedAt: at.now,
    },
  );
}

function viewOf(subnet: Subnet): View {
  return {
    ...commonView(subnet),
    network_id: subnet.networkId,
    ip_version: subnet.ipVersion,
    cidr: subnet.cidr,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: subnet.enableDhcp,
    allocation_pools: subnet.allocationPools,
    dns_nameservers: subnet.dnsNameservers,
    host_routes: subnet.hostRoutes,
    ipv6_ra_mode: subnet.ipv6RaMode,
    ipv6_address_mode: subnet.ipv6AddressMode,
    subnetpool_id: null,
    segment_id: null,
    service_types: [],
  };
}
