import { Type } from '../../../model/schema.ts';
import { notImplemented } from '../../http/failures.ts';
import { type Route, type RouteSpec, route } from '../../http/route.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';
import { noConsole } from './no-console.ts';

type Unbuilt = Pick<RouteSpec<object>, 'method' | 'path' | 'access' | 'policy' | 'since' | 'until'>;

const UNBUILT: readonly Unbuilt[] = [
  { method: 'GET', path: 'diagnostics', access: 'admin', policy: 'os_compute_api:os-server-diagnostics' },
  {
    method: 'POST',
    path: 'os-volume_attachments',
    access: 'member',
    policy: 'os_compute_api:os-volumes-attachments:create',
  },
];

const ConsoleBody = Type.Object(
  {
    remote_console: Type.Object(
      { protocol: Type.String({ maxLength: 255 }), type: Type.String({ maxLength: 255 }) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/**
 * Routes of Nova below a server that Nameplate does not have: 501 for callers with access to an existing
 * server.
 */
export const unbuiltServerRoutes: readonly Route[] = [
  ...UNBUILT.map(({ path, ...spec }) =>
    route({
      ...spec,
      path: `/servers/:server_id/${path}`,
      summary: 'Not built yet',
      schemas: { params: ServerParams },
      status: 501,
      async handle(context) {
        await foundServer(context, context.params.server_id);
        throw notImplemented(`${spec.method} ${path} of a server`);
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/servers/:server_id/remote-consoles',
    since: '2.6',
    access: 'member',
    policy: 'os_compute_api:os-remote-consoles',
    summary: 'No remote console is offered',
    schemas: { params: ServerParams, body: ConsoleBody },
    status: 400,
    async handle(context) {
      const server = await foundServer(context, context.params.server_id);
      throw noConsole(server, context.body.remote_console.type);
    },
  }),
];
