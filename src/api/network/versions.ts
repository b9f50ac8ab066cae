import { type Route, route } from '../http/route.ts';
import { link, listOf, object, text } from '../http/shape.ts';

/** What `/v2.0/` lists: Neutron's core resources and those of the extensions that are here. */
const RESOURCES = [
  'network',
  'subnet',
  'port',
  'security_group',
  'security_group_rule',
  'quota',
  'agent',
  'availability_zone',
] as const;

const versionList = object({
  versions: listOf(object({ id: text, status: text, links: listOf(link) })),
});
const resourceList = object({
  resources: listOf(object({ name: text, collection: text, links: listOf(link) })),
});

/** Version discovery: the catalog's URL names no version (neutron/api/versions.py Versions). */
export const versionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/',
    access: 'anybody',
    policy: 'get_versions',
    summary: 'List versions',
    status: 200,
    response: versionList,
    handle: async ({ base }) => ({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${base}/v2.0/` }] }],
    }),
  }),
  route({
    method: 'GET',
    path: '/v2.0',
    access: 'anybody',
    policy: 'get_versions',
    summary: 'List the resources of version 2.0',
    status: 200,
    response: resourceList,
    handle: async ({ base }) => ({
      resources: RESOURCES.map((name) => {
        const path = `${name}s`.replaceAll('_', '-').replace('availability-zones', 'availability_zones');
        return {
          name,
          collection: `${name}s`,
          links: [{ rel: 'self', href: `${base}/v2.0/${path}` }],
        };
      }),
    }),
  }),
];
