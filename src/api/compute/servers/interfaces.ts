import { Type } from 'typebox';
import { Failure } from '../../../model/failure.ts';
import type { PortId } from '../../../model/network/network-ids.ts';
import { type Route, route } from '../../http/route.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';
import { interfaceList, interfaceView, oneInterface } from './interface-view.ts';

const InterfaceParams = Type.Object({ server_id: Type.String(), port_id: Type.String() });

/** https://docs.openstack.org/api-ref/compute/#port-interfaces-servers-os-interface */
export const interfaceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/os-interface',
    access: 'reader',
    policy: 'os_compute_api:os-attach-interfaces:list',
    summary: "List a server's ports",
    status: 200,
    response: interfaceList,
    schemas: { params: ServerParams },
    async handle(context) {
      const { id } = await foundServer(context, context.params.server_id);
      const ports = (await context.parts.store.ports.ofServers([id])).get(id) ?? [];
      return { interfaceAttachments: ports.map((port) => interfaceView(port, context.version)) };
    },
  }),
  route({
    method: 'GET',
    path: '/servers/:server_id/os-interface/:port_id',
    access: 'reader',
    policy: 'os_compute_api:os-attach-interfaces:show',
    summary: 'Show a port of a server',
    status: 200,
    response: oneInterface,
    schemas: { params: InterfaceParams },
    async handle(context) {
      const { server_id, port_id: portId } = context.params;
      const { id } = await foundServer(context, server_id);
      const port = await context.parts.store.ports.find(portId as PortId);
      if (port === undefined) throw new Failure('not-found', `Port id ${portId} could not be found.`);
      if (port.deviceId !== id)
        throw new Failure('not-found', `Instance ${id} does not have a port with id ${portId}`);
      return { interfaceAttachment: interfaceView(port, context.version) };
    },
  }),
];
