import { Failure } from '../../../model/failure.ts';
import { notImplemented } from '../../failures.ts';
import { type Ask, type Route, type RouteSpec, route } from '../../route.ts';
import { foundServer } from './found-server.ts';

type Unbuilt = Pick<RouteSpec<object>, 'method' | 'path' | 'access' | 'policy' | 'since' | 'until'>;

const UNBUILT: readonly Unbuilt[] = [
  { method: 'GET', path: 'diagnostics', access: 'admin', policy: 'os_compute_api:os-server-diagnostics' },
  {
    method: 'GET',
    path: 'topology',
    access: 'reader',
    policy: 'compute:server:topology:index',
    since: '2.78',
  },
  {
    method: 'GET',
    path: 'migrations',
    access: 'admin',
    policy: 'os_compute_api:servers:migrations:index',
    since: '2.23',
  },
  {
    method: 'POST',
    path: 'os-interface',
    access: 'member',
    policy: 'os_compute_api:os-attach-interfaces:create',
  },
  {
    method: 'POST',
    path: 'os-volume_attachments',
    access: 'member',
    policy: 'os_compute_api:os-volumes-attachments:create',
  },
  {
    method: 'DELETE',
    path: 'os-server-password',
    access: 'member',
    policy: 'os_compute_api:os-server-password:clear',
  },
];

/** Below a server, known to Nova and not built: 501 to whom may ask, for a server that is there. */
export const unbuiltServerRoutes: readonly Route[] = [
  ...UNBUILT.map((spec) =>
    route({
      ...spec,
      path: `/servers/:server_id/${spec.path}`,
      summary: 'Not built yet',
      status: 501,
      async handle(ask) {
        await foundServer(ask as Ask, idOf(ask as Ask));
        throw notImplemented(`${spec.method} ${spec.path} of a server`);
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
    status: 400,
    async handle(ask) {
      await foundServer(ask as Ask, idOf(ask as Ask));
      const type = (ask.request.body as { remote_console?: { type?: unknown } } | null)?.remote_console?.type;
      throw new Failure('invalid', `Unavailable console type ${String(type ?? '').slice(0, 255)}.`);
    },
  }),
];

function idOf(ask: Ask): string {
  return (ask.params as { server_id: string }).server_id;
}
