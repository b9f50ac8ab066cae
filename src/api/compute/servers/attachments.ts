import { Type } from 'typebox';
import { Failure } from '../../../model/failure.ts';
import { type Route, route } from '../../http/route.ts';
import { emptyListOf, noAddresses, noPassword, topology } from '../small-shapes.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';

const read = { method: 'GET', access: 'reader', status: 200 } as const;

/**
 * What hangs on a server where there are networks and volumes. There is neither here, so each is empty, in
 * the shape that clients read (they look before they act).
 */
export const attachmentRoutes: readonly Route[] = [
  route({
    ...read,
    path: '/servers/:server_id/ips',
    policy: 'os_compute_api:ips:index',
    summary: "List a server's addresses: none",
    response: noAddresses,
    schemas: { params: ServerParams },
    async handle(context) {
      await foundServer(context, context.params.server_id);
      return { addresses: {} };
    },
  }),
  route({
    ...read,
    path: '/servers/:server_id/ips/:network',
    policy: 'os_compute_api:ips:show',
    summary: "Show a server's addresses on a network: there is none",
    status: 404,
    schemas: { params: Type.Object({ server_id: Type.String(), network: Type.String() }) },
    async handle(context) {
      await foundServer(context, context.params.server_id);
      throw new Failure('not-found', 'Instance is not a member of specified network');
    },
  }),
  emptyList('os-interface', 'os_compute_api:os-attach-interfaces:list', 'interfaceAttachments'),
  emptyList('os-security-groups', 'os_compute_api:os-security-groups:list', 'security_groups'),
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
