import { Failure } from '../../../model/failure.ts';
import { Type } from '../../../model/schema.ts';
import { type Route, route } from '../../http/route.ts';
import { object } from '../../http/shape.ts';
import { addressesOf, serverAddresses } from './addresses-view.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';
import { withPorts } from './server-ports.ts';

const read = { method: 'GET', access: 'reader', status: 200 } as const;

/** https://docs.openstack.org/api-ref/compute/#servers-ips-servers-ips */
export const addressRoutes: readonly Route[] = [
  route({
    ...read,
    path: '/servers/:server_id/ips',
    policy: 'os_compute_api:ips:index',
    summary: "List a server's addresses",
    response: object({ addresses: serverAddresses }),
    schemas: { params: ServerParams },
    async handle(context) {
      const { ports } = await withPorts(context, await foundServer(context, context.params.server_id));
      return { addresses: addressesOf(ports, { extended: false }) };
    },
  }),
  route({
    ...read,
    path: '/servers/:server_id/ips/:network',
    policy: 'os_compute_api:ips:show',
    summary: "Show a server's addresses on a network, by the network's name",
    response: serverAddresses,
    schemas: { params: Type.Object({ server_id: Type.String(), network: Type.String() }) },
    async handle(context) {
      const { server_id, network } = context.params;
      const { ports } = await withPorts(context, await foundServer(context, server_id));
      const shown = addressesOf(ports, { extended: false })[network];
      if (shown === undefined)
        throw new Failure('not-found', 'Instance is not a member of specified network');
      return { [network]: shown };
    },
  }),
];
