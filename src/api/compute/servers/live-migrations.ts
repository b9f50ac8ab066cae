import { Type } from 'typebox';
import { Failure } from '../../../model/failure.ts';
import { type Route, type RouteSpec, route } from '../../route.ts';
import { foundServer } from './found-server.ts';
import { ServerParams } from './words.ts';

const MigrationParams = Type.Object({ server_id: Type.String(), migration_id: Type.String() });
const rule = (name: string) => `os_compute_api:servers:migrations:${name}`;
const one = '/servers/:server_id/migrations/:migration_id';

/** What is asked of one live migration that is under way: with one host, there never is one. */
const ABSENT: readonly Pick<RouteSpec<object>, 'method' | 'path' | 'since' | 'policy' | 'summary'>[] = [
  {
    method: 'GET',
    path: one,
    since: '2.23',
    policy: rule('show'),
    summary: 'Show a live migration: always 404',
  },
  {
    method: 'DELETE',
    path: one,
    since: '2.24',
    policy: rule('delete'),
    summary: 'Abort a live migration: always 404',
  },
  {
    method: 'POST',
    path: `${one}/action`,
    since: '2.22',
    policy: rule('force_complete'),
    summary: 'Force a live migration to end: always 404',
  },
];

/** A server's live migrations (https://docs.openstack.org/api-ref/compute/#server-migrations-servers-migrations). */
export const liveMigrationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/migrations',
    since: '2.23',
    access: 'admin',
    policy: rule('index'),
    summary: "List a server's live migrations: none, until there are several hosts",
    schemas: { params: ServerParams },
    status: 200,
    async handle(ask) {
      await foundServer(ask, ask.params.server_id);
      return { migrations: [] };
    },
  }),
  ...ABSENT.map((spec) =>
    route({
      ...spec,
      access: 'admin',
      schemas: { params: MigrationParams },
      status: 404,
      async handle(ask) {
        const { server_id, migration_id } = ask.params;
        const { id } = await foundServer(ask, server_id);
        throw new Failure(
          'not-found',
          `In-progress live migration ${migration_id} is not found for server ${id}.`,
        );
      },
    }),
  ),
];
