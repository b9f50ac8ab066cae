import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { isUuid } from '../../model/ids.ts';
import type { Network } from '../../model/network/network.ts';
import type { NetworkId } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import { pagesOf } from '../../model/pages.ts';
import { Type } from '../../model/schema.ts';
import type { Route } from '../http/route.ts';
import { commonFilter, flagFilter } from './common-filter.ts';
import { COMMON_FILTERS, COMMON_READ_ONLY } from './common-view.ts';
import { Flag, Whole } from './converted.ts';
import { attributes, Description, Name, NoItems, nullable, Owner, oneOf, only } from './fields.ts';
import { isShownTo, networkShape, networkViews } from './network-view.ts';
import { ownerOf } from './owner.ts';
import { invalidInput, networkNotFound, refusedByPolicy } from './refusals.ts';
import { requireQuota } from './require-quota.ts';
import { isOfProject, type Resource, type Writing } from './resource.ts';
import { resourceRoutes } from './resource-routes.ts';
import { tagRoutes } from './tags.ts';

/** Bytes; Ethernet's unless the request says otherwise. */
const MTU = 1500;
const PROVIDER = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'] as const;

/** What POST and PUT both take. */
const fields = {
  name: Type.Optional(Name),
  description: Type.Optional(Description),
  admin_state_up: Type.Optional(Flag),
  shared: Type.Optional(Flag),
  mtu: Type.Optional(Whole({ minimum: 68, maximum: 65_535, accepts: '68 to 65535 bytes' })),
  port_security_enabled: Type.Optional(Flag),
  'router:external': Type.Optional(
    only(false, 'false: there are no routers and floating IPs, so no network is external'),
  ),
};

const create = attributes(
  {
    ...fields,
    project_id: Type.Optional(Owner),
    tenant_id: Type.Optional(Owner),
    'provider:network_type': Type.Optional(oneOf('local', 'flat')),
    'provider:physical_network': Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 64 }))),
    'provider:segmentation_id': Type.Optional(Type.Null()),
    availability_zone_hints: Type.Optional(NoItems),
  },
  {
    in: 'POST',
    names: [...COMMON_READ_ONLY, 'subnets', 'availability_zones', 'tags'],
  },
);
const update = attributes(fields, {
  in: 'PUT',
  names: [
    ...COMMON_READ_ONLY,
    ...PROVIDER,
    'subnets',
    'availability_zones',
    'availability_zone_hints',
    'project_id',
    'tenant_id',
    'tags',
  ],
});

const networks: Resource<Network, typeof create, typeof update> = {
  name: 'network',
  collection: 'networks',
  path: '/networks',
  shape: networkShape,
  create,
  update,
  abilities: {
    filters: [
      ...COMMON_FILTERS,
      ...PROVIDER,
      'admin_state_up',
      'status',
      'shared',
      'mtu',
      'router:external',
      'port_security_enabled',
    ],
    sortKeys: [
      'id',
      'name',
      'project_id',
      'tenant_id',
      'admin_state_up',
      'shared',
      'mtu',
      'provider:physical_network',
      'created_at',
      'updated_at',
    ],
    hasTags: true,
  },
  notFound: networkNotFound,
  find: async ({ store }, id) => (isUuid(id) ? store.networks.find(id as NetworkId) : undefined),
  isVisible: isShownTo,
  isOwn: isOfProject,
  list: ({ store }, { visibleTo, query }, page) =>
    store.networks.list(
      {
        ...commonFilter<NetworkId>(query, visibleTo),
        ...flagFilter(query, { shared: 'shared', adminStateUp: 'admin_state_up' }),
      },
      page,
    ),
  views: networkViews,
  insert,
  change,
  remove: async ({ store }, { id }) => void (await store.networks.delete(id)),
  affects: async (_at, { id }) => ({ networks: [id] }),
};

export const networkRoutes: readonly Route[] = [
  ...resourceRoutes(networks),
  ...tagRoutes(networks, ({ store, now }, { id, generation }, tags) =>
    store.networks.update({ id, generation }, { tags, updatedAt: now }),
  ),
];

async function insert(at: Writing, asked: Static<typeof create>): Promise<Network> {
  const { caller, store, now } = at;
  const projectId = ownerOf(asked, caller);
  await requireMaker(at, asked);
  await requireQuota(store, 'network', projectId);
  const kind = asked['provider:network_type'] === 'flat' ? 'flat' : 'nat';
  const network: Network = {
    id: randomUUID() as NetworkId,
    generation: 1,
    name: asked.name ?? '',
    description: asked.description ?? '',
    projectId,
    shared: asked.shared ?? false,
    adminStateUp: asked.admin_state_up ?? true,
    kind,
    physicalNetwork: physicalNetworkOf(kind, asked['provider:physical_network'] ?? null),
    mtu: asked.mtu ?? MTU,
    dnsDomain: '',
    portSecurityEnabled: asked.port_security_enabled ?? true,
    tags: [],
    createdAt: now,
    updatedAt: now,
  };
  await store.networks.insert(network);
  return network;
}

/**
 * A member makes a network of its own where every host keeps it apart from those of others
 * (neutron/conf/policies/network.py create_network and its attributes).
 * @throws {Failure} `forbidden`
 */
async function requireMaker({ store, caller }: Writing, asked: Static<typeof create>): Promise<void> {
  if (caller.isAdmin) return;
  const hosts = await store.hosts.list();
  if (hosts.length === 0 || hosts.some(({ networks }) => networks?.isolates !== true))
    throw refusedByPolicy(
      'create_network',
      'only administrators make networks here, because the networks of projects cannot be isolated from each other on every host; use a shared one',
    );
  const names = asked.shared === true ? (['shared', ...PROVIDER] as const) : PROVIDER;
  for (const name of names)
    if (asked[name] != null)
      throw refusedByPolicy(`create_network:${name}`, `only an administrator chooses ${name}`);
}

function physicalNetworkOf(kind: Network['kind'], asked: string | null): string | null {
  if (kind === 'flat' && asked === null)
    throw invalidInput(
      'a flat network needs provider:physical_network, a name that [linux_bridge] bridge_mappings of the compute hosts has',
    );
  if (kind === 'nat' && asked !== null)
    throw invalidInput(
      `provider:physical_network '${asked}' is for flat networks; a local network is connected by each host itself`,
    );
  return asked;
}

async function change(at: Writing, network: Network, asked: Static<typeof update>): Promise<Network> {
  const { store, caller, now } = at;
  if (asked.shared !== undefined && asked.shared !== network.shared) {
    if (!caller.isAdmin)
      throw refusedByPolicy('update_network:shared', 'only an administrator changes who shares a network');
    if (!asked.shared) await requireNoOthers(at, network);
  }
  if (asked.admin_state_up === false && network.adminStateUp) await requireNoServers(at, network);
  return store.networks.update(
    { id: network.id, generation: network.generation },
    {
      ...(asked.name !== undefined && { name: asked.name }),
      ...(asked.description !== undefined && { description: asked.description }),
      ...(asked.shared !== undefined && { shared: asked.shared }),
      ...(asked.admin_state_up !== undefined && { adminStateUp: asked.admin_state_up }),
      ...(asked.mtu !== undefined && { mtu: asked.mtu }),
      ...(asked.port_security_enabled !== undefined && { portSecurityEnabled: asked.port_security_enabled }),
      updatedAt: now,
    },
  );
}

/** neutron/db/db_base_plugin_v2.py _validate_shared_update */
async function requireNoOthers(at: Writing, network: Network): Promise<void> {
  if ((await firstPort(at, network, ({ projectId }) => projectId !== network.projectId)) === undefined)
    return;
  throw new Failure(
    'conflict',
    `Unable to reconfigure sharing settings for network ${network.id}. Multiple projects are using it.`,
    { type: 'InvalidSharedSetting' },
  );
}

/** Hosts do not switch off what a guest uses. */
async function requireNoServers(at: Writing, network: Network): Promise<void> {
  const port = await firstPort(at, network, ({ index }) => index !== null);
  if (port === undefined) return;
  throw new Failure(
    'conflict',
    `Network ${network.id} is not switched off while servers use it: port ${port.id} is of server ${port.deviceId}.`,
    { type: 'NetworkInUse' },
  );
}

/** Rows read at once. */
const PORTS_AT_ONCE = 200;

async function firstPort(
  { store }: Writing,
  network: Network,
  is: (port: Port) => boolean,
): Promise<Port | undefined> {
  const filter = { networkIds: [network.id] };
  for await (const ports of pagesOf((page) => store.ports.list(filter, page), PORTS_AT_ONCE)) {
    const found = ports.find(is);
    if (found !== undefined) return found;
  }
  return undefined;
}
