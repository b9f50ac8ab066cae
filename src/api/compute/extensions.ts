import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { requestUrlOf } from '../http/request-state.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { EXTENSIONS, LEGACY_EXTENSION } from './extension-list.ts';
import { extensions, oneExtension } from './small-shapes.ts';

interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  readonly links: readonly never[];
  readonly namespace: string;
  readonly updated: string;
}

const CURRENT = EXTENSIONS.map(extensionOf);
const LEGACY = [...EXTENSIONS, LEGACY_EXTENSION]
  .map(extensionOf)
  .sort((a, b) => (a.alias < b.alias ? -1 : 1));

function extensionOf([alias, name, description]: readonly [string, string, string]): Extension {
  return {
    alias,
    name,
    description,
    links: [],
    // Nova has returned these two constants since 2014.
    namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
    updated: '2014-12-03T00:00:00Z',
  };
}

const listedFor = (request: RequestContext['request']) => (requestUrlOf(request).legacy ? LEGACY : CURRENT);

/** https://docs.openstack.org/api-ref/compute/#extensions-extensions-deprecated */
export const extensionRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/extensions',
    access: 'reader',
    policy: 'os_compute_api:extensions',
    summary: 'List extensions',
    status: 200,
    response: extensions,
    handle: async ({ request }) => ({ extensions: listedFor(request) }),
  }),
  route({
    method: 'GET',
    path: '/extensions/:alias',
    access: 'reader',
    policy: 'os_compute_api:extensions',
    summary: 'Show an extension',
    schemas: { params: Type.Object({ alias: Type.String() }) },
    status: 200,
    response: oneExtension,
    handle: async ({ params, request }) => {
      const extension = listedFor(request).find(({ alias }) => alias === params.alias);
      if (extension === undefined) throw new Failure('not-found', 'The resource could not be found.');
      return { extension };
    },
  }),
];
