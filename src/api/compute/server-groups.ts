import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../route.ts';
import { notBuilt } from './not-built.ts';
import { strictFrom275 } from './strict-query.ts';
import { BooleanWord, LimitWord } from './words.ts';

const POLICY = 'os_compute_api:os-server-groups';
const Params = Type.Object({ server_group_id: Type.String() });
const Query = Type.Object({
  all_projects: Type.Optional(BooleanWord),
  limit: Type.Optional(LimitWord),
  offset: Type.Optional(LimitWord),
});

async function absent({ params }: { params: { server_group_id: string } }): Promise<never> {
  throw new Failure('not-found', `Instance group ${params.server_group_id} could not be found.`);
}

/** Server groups come with several hosts: until then there are none. */
export const serverGroupRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-server-groups',
      access: 'reader',
      policy: `${POLICY}:index`,
      summary: 'List server groups: none, until there are several hosts',
      schemas: { query: Query },
      status: 200,
      handle: async () => ({ server_groups: [] }),
    }),
  ),
  route({
    method: 'GET',
    path: '/os-server-groups/:server_group_id',
    access: 'reader',
    policy: `${POLICY}:show`,
    summary: 'Show a server group: always 404',
    schemas: { params: Params },
    status: 200,
    handle: absent,
  }),
  route({
    method: 'DELETE',
    path: '/os-server-groups/:server_group_id',
    access: 'member',
    policy: `${POLICY}:delete`,
    summary: 'Delete a server group: always 404',
    schemas: { params: Params },
    status: 204,
    handle: absent,
  }),
  notBuilt({
    method: 'POST',
    path: '/os-server-groups',
    access: 'member',
    policy: `${POLICY}:create`,
    what: 'Creating server groups',
  }),
];
