import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { notImplemented } from '../http/failures.ts';
import { type Route, route } from '../http/route.ts';
import { anything, listOf, object } from '../http/shape.ts';
import { ListWords } from './list-query.ts';
import { IdParams } from './resource-routes.ts';

/** A resource of Neutron that has no rows here. */
interface NotBuilt {
  readonly name: string;
  readonly collection: string;
  readonly path: string;
  readonly noun: string;
  /** Neutron's class and sentence for one that is not there. */
  readonly type: string;
  notFound(id: string): string;
}

/**
 * Clients list these in passing, such as openstacksdk for an address, so the lists are there, empty: none can
 * be made.
 */
const NOT_BUILT: readonly NotBuilt[] = [
  {
    name: 'router',
    collection: 'routers',
    path: '/routers',
    noun: 'A router',
    type: 'RouterNotFound',
    notFound: (id) => `Router ${id} could not be found`,
  },
  {
    name: 'floatingip',
    collection: 'floatingips',
    path: '/floatingips',
    noun: 'A floating IP',
    type: 'FloatingIPNotFound',
    notFound: (id) => `Floating IP ${id} could not be found`,
  },
  {
    name: 'subnetpool',
    collection: 'subnetpools',
    path: '/subnetpools',
    noun: 'A subnet pool',
    type: 'SubnetPoolNotFound',
    notFound: (id) => `Subnet pool ${id} could not be found.`,
  },
  {
    name: 'address_scope',
    collection: 'address_scopes',
    path: '/address-scopes',
    noun: 'An address scope',
    type: 'AddressScopeNotFound',
    notFound: (id) => `Address scope ${id} could not be found`,
  },
  {
    name: 'rbac_policy',
    collection: 'rbac_policies',
    path: '/rbac-policies',
    noun: 'An RBAC policy',
    type: 'RbacPolicyNotFound',
    notFound: (id) => `RBAC policy of type network with ID ${id} not found`,
  },
];

export const notBuiltRoutes: readonly Route[] = NOT_BUILT.flatMap(routesOf);

function routesOf({ name, collection, path, noun, type, notFound }: NotBuilt): Route[] {
  const words = noun.replace(/^An? /, '');
  const one = (method: 'GET' | 'PUT' | 'DELETE', access: 'reader' | 'member', policy: string) =>
    route({
      method,
      path: `/v2.0${path}/:id`,
      access,
      policy: `${policy}_${name}`,
      summary: `${noun}: there are none, always 404`,
      schemas: { params: IdParams },
      status: 404,
      handle: async ({ params }) => {
        throw new Failure('not-found', notFound(params.id), { type });
      },
    });
  return [
    route({
      method: 'GET',
      path: `/v2.0${path}`,
      access: 'reader',
      policy: `get_${name}`,
      summary: `List ${words}s: always none`.replace('policys', 'policies'),
      schemas: { query: ListWords },
      status: 200,
      response: object({ [collection]: listOf(anything) }),
      handle: async () => ({ [collection]: [] }),
    }),
    route({
      method: 'POST',
      path: `/v2.0${path}`,
      access: 'member',
      policy: `create_${name}`,
      summary: `${noun} is not implemented`,
      schemas: { body: Type.Object({}) },
      status: 501,
      handle: async () => {
        throw notImplemented(noun);
      },
    }),
    one('GET', 'reader', 'get'),
    one('PUT', 'member', 'update'),
    one('DELETE', 'member', 'delete'),
  ];
}
