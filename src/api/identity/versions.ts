import { type Route, route } from '../http/route.ts';
import { oneVersion, versionList } from './shapes.ts';

function v3At(base: string) {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${base}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

/** Version discovery, which every client requests first. */
export const versionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/',
    access: 'anybody',
    policy: 'identity:get_versions',
    summary: 'List versions',
    status: 300,
    response: versionList,
    handle: async ({ base, reply }) => {
      reply.header('location', `${base}/v3/`);
      return { versions: { values: [v3At(base)] } };
    },
  }),
  route({
    method: 'GET',
    path: '/v3',
    access: 'anybody',
    policy: 'identity:get_version',
    summary: 'Show version 3',
    status: 200,
    response: oneVersion,
    handle: async ({ base }) => ({ version: v3At(base) }),
  }),
];
