import { Type } from '../../model/schema.ts';
import { MAX_MICROVERSION, MIN_MICROVERSION, microversionText } from '../http/microversion.ts';
import { requestUrlOf } from '../http/request-state.ts';
import { type Route, route } from '../http/route.ts';
import { oneVersion, versionChoices, versionList } from './small-shapes.ts';

/**
 * nova/api/openstack/compute/versions.py VERSIONS; what clients read is in the API reference under "API
 * versions".
 */
const VERSIONS = {
  'v2.0': {
    path: 'v2',
    document: {
      id: 'v2.0',
      status: 'SUPPORTED',
      version: '',
      min_version: '',
      updated: '2011-01-21T11:33:21Z',
    },
    mediaType: 'application/vnd.openstack.compute+json;version=2',
  },
  'v2.1': {
    path: 'v2.1',
    document: {
      id: 'v2.1',
      status: 'CURRENT',
      version: microversionText(MAX_MICROVERSION),
      min_version: microversionText(MIN_MICROVERSION),
      updated: '2013-07-23T11:33:21Z',
    },
    mediaType: 'application/vnd.openstack.compute+json;version=2.1',
  },
} as const;
type VersionId = keyof typeof VERSIONS;

const open = { method: 'GET', access: 'anybody', policy: 'public' } as const;

function summaryOf(id: VersionId, root: string): object {
  const { document, path } = VERSIONS[id];
  return { ...document, links: [{ rel: 'self', href: `${root}/${path}/` }] };
}

function documentOf(id: VersionId, root: string): object {
  const { document, path, mediaType } = VERSIONS[id];
  return {
    ...document,
    links: [
      { rel: 'self', href: `${root}/${path}/` },
      { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
    ],
    'media-types': [{ base: 'application/json', type: mediaType }],
  };
}

function choiceOf(id: VersionId, at: { readonly root: string; readonly rest: string }): object {
  const { document, path, mediaType } = VERSIONS[id];
  return {
    id: document.id,
    status: document.status,
    links: [{ rel: 'self', href: `${at.root}/${path}/${at.rest}` }],
    'media-types': [{ base: 'application/json', type: mediaType }],
  };
}

/** Below `/compute`: all versions, and a multiple choice for an unknown one. */
export const versionRoutes: Route[] = [
  route({
    ...open,
    path: '/',
    summary: 'List the API versions',
    response: versionList,
    status: 200,
    handle: async ({ base }) => ({ versions: [summaryOf('v2.0', base), summaryOf('v2.1', base)] }),
  }),
  route({
    ...open,
    path: '/:version',
    summary: 'An unknown API version: which there are',
    response: versionChoices,
    schemas: { params: Type.Object({ version: Type.String() }) },
    status: 300,
    handle: async ({ base, params }) => {
      const at = { root: base, rest: encodeURIComponent(params.version) };
      return { choices: [choiceOf('v2.0', at), choiceOf('v2.1', at)] };
    },
  }),
];

/** Below `/compute/v2.1`: the version itself. Below `/compute/v2` it describes v2.0. */
export const versionRootRoutes: Route[] = [
  route({
    ...open,
    path: '/',
    summary: 'Show this API version',
    response: oneVersion,
    status: 200,
    handle: async ({ base, request }) => {
      const root = base.replace(/\/v2(\.1)?(\/.*)?$/, '');
      return { version: documentOf(requestUrlOf(request).legacy ? 'v2.0' : 'v2.1', root) };
    },
  }),
];
