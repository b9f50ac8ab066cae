import { notImplemented } from '../http/failures.ts';
import { type Route, route } from '../http/route.ts';
import { found, mustBeAllowed } from './refusals.ts';
import { IdParams } from './schemas.ts';
import { emptyListNamed } from './shapes.ts';
import { listLinks } from './views.ts';

/** A list that is always empty, for clients that read it first. */
function emptyList(path: string, collection: string): Route {
  return route({
    method: 'GET',
    path,
    access: 'token',
    policy: `identity:list_${collection}`,
    summary: `List ${collection.replaceAll('_', ' ')}: always none`,
    status: 200,
    response: emptyListNamed(collection),
    handle: async ({ base, request }) => ({
      [collection]: [],
      links: listLinks(`${base}${request.url.replace(/^\/identity|\?.*$/g, '')}`),
    }),
  });
}

/**
 * As {@link emptyList}, below a user. Only the user and administrators may read it, so that others cannot
 * find out which users exist.
 */
function emptyListOf(collection: string): Route {
  const path = `/v3/users/:id/${collection}`;
  const list = emptyList(path, collection);
  return route({
    ...list,
    schemas: { params: IdParams },
    handle: (context) => {
      mustBeAllowed(context.caller, list.policy, context.params.id === context.caller.userId);
      return list.handle(context as Parameters<typeof list.handle>[0]);
    },
  });
}

function absent(path: string, noun: string): Route {
  return route({
    method: 'GET',
    path,
    access: 'token',
    policy: `identity:get_${noun.replaceAll(' ', '_')}`,
    summary: `Show ${noun}: always 404`,
    schemas: { params: IdParams },
    status: 404,
    handle: async ({ params }) => found(undefined, noun, params.id),
  });
}

function refused(
  method: Route['method'],
  path: string,
  { what, access = 'admin' }: { readonly what: string; readonly access?: Route['access'] },
): Route {
  return route({
    method,
    path,
    access,
    policy: 'identity:not_implemented',
    summary: `${what}: not implemented`,
    status: 501,
    handle: async () => {
      throw notImplemented(what);
    },
  });
}

/** The catalog follows from the addresses of the services. */
const CATALOG = 'Changing the service catalog';
const OTHER_SCOPES = 'Giving roles to groups, on domains or on the system';

/** Routes of the Identity API reference that Nameplate does not have (yet). */
export const notBuiltRoutes: readonly Route[] = [
  emptyList('/v3/groups', 'groups'),
  absent('/v3/groups/:id', 'group'),
  refused('POST', '/v3/groups', { what: 'Creating groups' }),
  emptyListOf('groups'),
  emptyListOf('application_credentials'),
  absent('/v3/users/:userId/application_credentials/:id', 'application credential'),
  refused('POST', '/v3/users/:id/application_credentials', {
    what: 'Creating application credentials',
    access: 'token',
  }),
  refused('POST', '/v3/services', { what: CATALOG }),
  refused('PATCH', '/v3/services/:id', { what: CATALOG }),
  refused('DELETE', '/v3/services/:id', { what: CATALOG }),
  refused('POST', '/v3/endpoints', { what: CATALOG }),
  refused('PATCH', '/v3/endpoints/:id', { what: CATALOG }),
  refused('DELETE', '/v3/endpoints/:id', { what: CATALOG }),
  refused('POST', '/v3/regions', { what: CATALOG }),
  refused('PATCH', '/v3/regions/:id', { what: CATALOG }),
  refused('DELETE', '/v3/regions/:id', { what: CATALOG }),
  refused('PUT', '/v3/projects/:projectId/groups/:groupId/roles/:roleId', { what: OTHER_SCOPES }),
  refused('PUT', '/v3/domains/:domainId/users/:userId/roles/:roleId', { what: OTHER_SCOPES }),
  refused('PUT', '/v3/domains/:domainId/groups/:groupId/roles/:roleId', { what: OTHER_SCOPES }),
  refused('PUT', '/v3/system/users/:userId/roles/:roleId', { what: OTHER_SCOPES }),
];
