import { type Route, route } from '../../http/route.ts';
import { emptyListOf, noPassword, topology } from '../small-shapes.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';

const read = { method: 'GET', access: 'reader', status: 200 } as const;

/**
 * What hangs on a server where there are volumes, passwords and NUMA nodes. There are none here, so each is
 * empty, in the shape that clients read (they look before they act).
 */
export const attachmentRoutes: readonly Route[] = [
  emptyList('os-volume_attachments', 'os_compute_api:os-volumes-attachments:index', 'volumeAttachments'),
  route({
    ...read,
    path: '/servers/:server_id/os-server-password',
    policy: 'os_compute_api:os-server-password:show',
    summary: 'Always empty',
    schemas: { params: ServerParams },
    response: noPassword,
    async handle(context) {
      await foundServer(context, context.params.server_id);
      return { password: '' };
    },
  }),
  route({
    method: 'DELETE',
    path: '/servers/:server_id/os-server-password',
    access: 'member',
    policy: 'os_compute_api:os-server-password:clear',
    summary: 'Forget the password that a guest told: none ever does',
    schemas: { params: ServerParams },
    status: 204,
    async handle(context) {
      await foundServer(context, context.params.server_id);
    },
  }),
  route({
    ...read,
    path: '/servers/:server_id/topology',
    since: '2.78',
    policy: 'compute:server:topology:index',
    summary: "Show a server's NUMA topology: no guest has one",
    response: topology,
    schemas: { params: ServerParams },
    async handle(context) {
      await foundServer(context, context.params.server_id);
      return { nodes: [], pagesize_kb: null };
    },
  }),
];

function emptyList(name: string, policy: string, collection: string): Route {
  return route({
    ...read,
    path: `/servers/:server_id/${name}`,
    policy,
    summary: 'Always empty',
    schemas: { params: ServerParams },
    response: emptyListOf(collection),
    async handle(context) {
      await foundServer(context, context.params.server_id);
      return { [collection]: [] };
    },
  });
}
