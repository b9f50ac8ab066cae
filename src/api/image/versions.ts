import { type Route, route } from '../http/route.ts';
import { versionList } from './shapes.ts';

const NEWEST = 'v2.15';
const OLDER = [
  'v2.13',
  'v2.12',
  'v2.11',
  'v2.10',
  'v2.9',
  'v2.8',
  'v2.7',
  'v2.6',
  'v2.5',
  'v2.4',
  'v2.3',
  'v2.2',
  'v2.1',
  'v2.0',
];

function versionsAt(base: string) {
  const links = [{ rel: 'self', href: `${base}/v2/` }];
  return {
    versions: [
      { id: NEWEST, status: 'CURRENT', links },
      ...OLDER.map((id) => ({ id, status: 'SUPPORTED', links })),
    ],
  };
}

/** Version discovery: the URL in the catalog has no version, and clients choose one here. */
export const versionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/',
    access: 'anybody',
    policy: 'get_versions',
    summary: 'List versions',
    status: 300,
    response: versionList,
    handle: async ({ base }) => versionsAt(base),
  }),
  route({
    method: 'GET',
    path: '/versions',
    access: 'anybody',
    policy: 'get_versions',
    summary: 'List versions',
    status: 200,
    response: versionList,
    handle: async ({ base }) => versionsAt(base),
  }),
];
