import { isUuid, type ServerId } from '../../model/ids.ts';
import type { NetworkId, PortId, SecurityGroupId } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { PortFilter } from '../../store/promise/networks.ts';
import type { Route } from '../http/route.ts';
import { changePort } from './change-port.ts';
import { among, commonFilter, flagFilter } from './common-filter.ts';
import { COMMON_FILTERS } from './common-view.ts';
import { insertPort } from './insert-port.ts';
import type { ListQuery } from './list-query.ts';
import { createPort, updatePort } from './port-fields.ts';
import { portShape, portView } from './port-view.ts';
import { portInUse, portNotFound } from './refusals.ts';
import { isOfProject, type Reading, type Resource } from './resource.ts';
import { resourceRoutes } from './resource-routes.ts';
import { tagRoutes } from './tags.ts';

const SORT_KEYS = [
  'id',
  'name',
  'network_id',
  'project_id',
  'tenant_id',
  'admin_state_up',
  'mac_address',
  'device_id',
  'device_owner',
  'binding:host_id',
  'status',
  'created_at',
  'updated_at',
] as const;

const ports: Resource<Port, typeof createPort, typeof updatePort> = {
  name: 'port',
  collection: 'ports',
  path: '/ports',
  shape: portShape,
  create: createPort,
  update: updatePort,
  abilities: {
    filters: [
      ...COMMON_FILTERS,
      'network_id',
      'admin_state_up',
      'mac_address',
      'device_id',
      'device_owner',
      'status',
      'fixed_ips',
      'security_groups',
      'port_security_enabled',
      'binding:vnic_type',
      'binding:host_id',
    ],
    sortKeys: SORT_KEYS,
    hasTags: true,
  },
  notFound: portNotFound,
  find: async ({ store }, id) => (isUuid(id) ? store.ports.find(id as PortId) : undefined),
  isVisible: (at, port) => isOfProject(at, port) || isOnOwnNetwork(at, port),
  isOwn: isOfProject,
  mayDelete: (at, port) => isOfProject(at, port) || isOnOwnNetwork(at, port),
  list: ({ store }, { visibleTo, query }, page) =>
    store.ports.list(
      {
        ...commonFilter<PortId>(query, visibleTo),
        ...among<'networkIds', NetworkId>(query, 'networkIds', 'network_id'),
        ...among(query, 'deviceIds', 'device_id'),
        ...among(query, 'deviceOwners', 'device_owner'),
        ...among(query, 'macs', 'mac_address'),
        ...among(query, 'statuses', 'status'),
        ...among<'securityGroupIds', SecurityGroupId>(query, 'securityGroupIds', 'security_groups'),
        ...flagFilter(query, { adminStateUp: 'admin_state_up' }),
        ...addressFilter(query),
      },
      page,
    ),
  views: async (at, rows) => rows.map((port) => portView(at, port)),
  insert: insertPort,
  change: changePort,
  remove: async ({ store }, port) => {
    if (port.index !== null) throw portInUse(port);
    await store.ports.delete(port.id);
  },
  affects: async (_at, { deviceId, index, securityGroupIds }) => ({
    ...(index !== null && { servers: [deviceId as ServerId] }),
    members: securityGroupIds,
  }),
};

export const portRoutes: readonly Route[] = [
  ...resourceRoutes(ports),
  ...tagRoutes(ports, ({ store, now }, { id, generation }, tags) =>
    store.ports.update({ id, generation }, { tags, updatedAt: now }),
  ),
];

async function isOnOwnNetwork(at: Reading, port: Port): Promise<boolean> {
  const network = await at.store.networks.find(port.networkId);
  return network !== undefined && isOfProject(at, network);
}

/** `fixed_ips=ip_address=…`: the store looks for it, where the query names no subnet beside. */
function addressFilter({ filters }: ListQuery): Pick<PortFilter, 'fixedIps'> {
  const PREFIX = 'ip_address=';
  const words = filters.get('fixed_ips') ?? [];
  const addresses = words.filter((word) => word.startsWith(PREFIX));
  if (addresses.length === 0) return {};
  return { fixedIps: addresses.map((word) => ({ address: word.slice(PREFIX.length) })) };
}
