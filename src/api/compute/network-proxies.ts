import { Failure } from '../../model/failure.ts';
import type { Network } from '../../model/network/network.ts';
import type { NetworkId } from '../../model/network/network-ids.ts';
import { Type } from '../../model/schema.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { listOf, nothing, object, optional, text } from '../http/shape.ts';
import { emptyListOf } from './small-shapes.ts';

/** The last microversion with proxies for networks (nova MAX_PROXY_API_SUPPORT_VERSION). */
const old = { method: 'GET', until: '2.35', access: 'reader' } as const;
const NamedById = Type.Object({ id: Type.String() });
/** More networks than a project sees. */
const MOST = 1_000;

/** Of nova-network, and always null (nova/api/openstack/compute/networks.py network_dict). */
const FOR_ALL = [
  ...['cidr', 'netmask', 'gateway', 'broadcast', 'dns1', 'dns2'],
  ...['cidr_v6', 'gateway_v6', 'netmask_v6'],
];
const FOR_ADMINISTRATORS = [
  ...['created_at', 'updated_at', 'deleted_at', 'deleted', 'injected', 'bridge', 'vlan'],
  ...['vpn_public_address', 'vpn_public_port', 'vpn_private_address', 'dhcp_start', 'project_id', 'host'],
  ...['bridge_interface', 'multi_host', 'priority', 'rxtx_base', 'mtu', 'dhcp_server', 'enable_dhcp'],
  'share_address',
];

const nulls = (names: readonly string[], shape: typeof nothing | ReturnType<typeof optional>) =>
  Object.fromEntries(names.map((name) => [name, shape]));
const network = object(
  { id: text, label: text, ...nulls(FOR_ALL, nothing), ...nulls(FOR_ADMINISTRATORS, optional(nothing)) },
  'OldNetwork',
);
const tenantNetwork = object({ id: text, label: text, cidr: text }, 'OldTenantNetwork');

const PROXIES = [
  { path: 'os-networks', shape: network, view: oldNetwork },
  { path: 'os-tenant-networks', shape: tenantNetwork, view: oldTenantNetwork },
] as const;

/** Networks as clients below 2.36 ask Nova for them. */
export const networkProxyRoutes: readonly Route[] = [
  ...PROXIES.flatMap(({ path, shape, view }) => [
    route({
      ...old,
      path: `/${path}`,
      policy: `os_compute_api:${path}:list`,
      summary: 'List networks, by their names',
      status: 200,
      response: object({ networks: listOf(shape) }),
      async handle(context) {
        const networks = await visibleNetworks(context);
        return { networks: networks.map((each) => view(each, context)) };
      },
    }),
    route({
      ...old,
      path: `/${path}/:id`,
      policy: `os_compute_api:${path}:show`,
      summary: 'Show a network, by its name',
      schemas: { params: NamedById },
      status: 200,
      response: object({ network: shape }),
      async handle(context) {
        const [found] = await visibleNetworks(context, [context.params.id as NetworkId]);
        if (found === undefined) throw new Failure('not-found', 'Network not found');
        return { network: view(found, context) };
      },
    }),
  ]),
  route({
    ...old,
    path: '/os-floating-ips',
    policy: 'os_compute_api:os-floating-ips:list',
    summary: 'List floating IPs: always none',
    status: 200,
    response: emptyListOf('floating_ips'),
    handle: async () => ({ floating_ips: [] }),
  }),
  route({
    ...old,
    path: '/os-floating-ip-pools',
    policy: 'os_compute_api:os-floating-ip-pools',
    summary: 'List the pools of floating IPs: always none',
    status: 200,
    response: emptyListOf('floating_ip_pools'),
    handle: async () => ({ floating_ip_pools: [] }),
  }),
  route({
    method: 'POST',
    until: '2.35',
    access: 'member',
    path: '/os-floating-ips',
    policy: 'os_compute_api:os-floating-ips:create',
    summary: 'Allocate a floating IP: always 404, as where no network is external',
    schemas: { body: Type.Unknown() },
    status: 404,
    handle: async () => {
      throw new Failure('not-found', 'Floating IP pool not found.');
    },
  }),
  route({
    ...old,
    method: 'DELETE',
    access: 'member',
    path: '/os-floating-ips/:id',
    policy: 'os_compute_api:os-floating-ips:delete',
    summary: 'Give a floating IP back: always 404',
    schemas: { params: NamedById },
    status: 404,
    handle: async ({ params }) => {
      throw new Failure('not-found', `Floating IP not found for ID ${params.id}`);
    },
  }),
  route({
    ...old,
    path: '/os-floating-ips/:id',
    policy: 'os_compute_api:os-floating-ips:show',
    summary: 'Show a floating IP: always 404',
    schemas: { params: NamedById },
    status: 404,
    handle: async ({ params }) => {
      throw new Failure('not-found', `Floating IP not found for ID ${params.id}`);
    },
  }),
];

async function visibleNetworks({ parts, caller }: RequestContext, ids?: NetworkId[]): Promise<Network[]> {
  const visible = caller.isAdmin || caller.projectId === null ? {} : { visibleTo: caller.projectId };
  return parts.store.networks.list({ ...visible, ...(ids && { ids }) }, { limit: MOST });
}

function oldNetwork({ id, name }: Network, { caller }: RequestContext): object {
  const absent = [...FOR_ALL, ...(caller.isAdmin ? FOR_ADMINISTRATORS : [])];
  return { id, label: name, ...Object.fromEntries(absent.map((field) => [field, null])) };
}

/** The CIDR is a word, as it has always been (nova/api/openstack/compute/tenant_networks.py network_dict). */
function oldTenantNetwork({ id, name }: Network, _context: RequestContext): object {
  return { id, label: name, cidr: 'None' };
}
