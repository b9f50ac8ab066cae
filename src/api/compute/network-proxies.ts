import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../http/route.ts';
import { emptyListOf } from './small-shapes.ts';

/** The last microversion with proxies for networks (nova MAX_PROXY_API_SUPPORT_VERSION). */
const old = { until: '2.35', access: 'reader' } as const;

const PROXIES = [
  { path: 'os-networks', collection: 'networks', noun: 'Network' },
  { path: 'os-tenant-networks', collection: 'networks', noun: 'Network' },
  { path: 'os-security-groups', collection: 'security_groups', noun: 'Security group' },
  { path: 'os-floating-ips', collection: 'floating_ips', noun: 'Floating IP' },
] as const;

/** There is no network service: each list is empty, each thing unknown. */
export const networkProxyRoutes: Route[] = PROXIES.flatMap(({ path, collection, noun }) => [
  route({
    ...old,
    method: 'GET',
    path: `/${path}`,
    policy: `os_compute_api:${path}:list`,
    summary: `List ${collection.replace('_', ' ')}: always none`,
    status: 200,
    response: emptyListOf(collection),
    handle: async () => ({ [collection]: [] }),
  }),
  route({
    ...old,
    method: 'GET',
    path: `/${path}/:id`,
    policy: `os_compute_api:${path}:show`,
    summary: `Show a ${noun.toLowerCase()}: always 404`,
    schemas: { params: Type.Object({ id: Type.String() }) },
    status: 404,
    handle: async ({ params }) => {
      throw new Failure('not-found', `${noun} ${params.id} could not be found.`);
    },
  }),
]);
