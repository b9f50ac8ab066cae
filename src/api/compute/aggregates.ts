import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../route.ts';
import { notBuilt } from './not-built.ts';

const POLICY = 'os_compute_api:os-aggregates';
const admin = { access: 'admin' } as const;

/** Host aggregates come with several hosts: until then there are none. */
export const aggregateRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/os-aggregates',
    ...admin,
    policy: `${POLICY}:index`,
    summary: 'List host aggregates: none, until there are several hosts',
    status: 200,
    handle: async () => ({ aggregates: [] }),
  }),
  route({
    method: 'GET',
    path: '/os-aggregates/:aggregate_id',
    ...admin,
    policy: `${POLICY}:show`,
    summary: 'Show a host aggregate: always 404',
    schemas: { params: Type.Object({ aggregate_id: Type.String() }) },
    status: 200,
    handle: async ({ params }) => {
      if (!/^\d+$/.test(params.aggregate_id)) throw new Failure('invalid', 'id must be an integer');
      throw new Failure('not-found', `Aggregate ${params.aggregate_id} could not be found.`);
    },
  }),
  notBuilt({
    method: 'POST',
    path: '/os-aggregates',
    ...admin,
    policy: `${POLICY}:create`,
    what: 'Creating host aggregates',
  }),
  notBuilt({
    method: 'PUT',
    path: '/os-aggregates/:aggregate_id',
    ...admin,
    policy: `${POLICY}:update`,
    what: 'Changing host aggregates',
  }),
  notBuilt({
    method: 'DELETE',
    path: '/os-aggregates/:aggregate_id',
    ...admin,
    policy: `${POLICY}:delete`,
    what: 'Deleting host aggregates',
  }),
  notBuilt({
    method: 'POST',
    path: '/os-aggregates/:aggregate_id/action',
    ...admin,
    policy: `${POLICY}:set_metadata`,
    what: 'Changing hosts and metadata of host aggregates',
  }),
  notBuilt({
    method: 'POST',
    path: '/os-aggregates/:aggregate_id/images',
    since: '2.81',
    ...admin,
    policy: 'compute:aggregates:images',
    what: 'Caching images on the hosts of a host aggregate',
  }),
];
