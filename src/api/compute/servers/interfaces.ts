import { Failure } from '../../../model/failure.ts';
import type { PortId } from '../../../model/network/network-ids.ts';
import { Type } from '../../../model/schema.ts';
import { attachPort, detachPort } from '../../../operations/kinds/port-server.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { type AttachmentBody, attachmentWish } from './attachment-wish.ts';
import { IpAddressSchema, ServerParams, TagSchema } from './field-schemas.ts';
import { foundServer, requesterOf } from './found-server.ts';
import { interfaceList, interfaceView, oneInterface } from './interface-view.ts';
import { portLimitOf } from './port-quota.ts';
import { dashed } from './requested-networks.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const attachment = {
  net_id: optional(Type.String({ format: 'uuid' })),
  port_id: optional(Type.String({ format: 'uuid' })),
  fixed_ips: optional(
    Type.Array(Type.Object({ ip_address: IpAddressSchema }, closed), { minItems: 1, maxItems: 1 }),
  ),
};
const attachBody = <P extends typeof attachment>(properties: P) =>
  Type.Object({ interfaceAttachment: optional(Type.Object(properties, closed)) }, closed);
const attach = {
  method: 'POST',
  path: '/servers/:server_id/os-interface',
  access: 'member',
  policy: 'os_compute_api:os-attach-interfaces:create',
  summary: 'Attach a port to a server',
  status: 200,
  response: oneInterface,
} as const;
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
      const port = await context.parts.store.ports.find(dashed(portId) as PortId);
      if (port === undefined) throw new Failure('not-found', `Port id ${portId} could not be found.`);
      if (port.deviceId !== id)
        throw new Failure('not-found', `Instance ${id} does not have a port with id ${portId}`);
      return { interfaceAttachment: interfaceView(port, context.version) };
    },
  }),
  route({
    ...attach,
    until: '2.48',
    schemas: { params: ServerParams, body: attachBody(attachment) },
    handle: (context) => attached(context, context.params.server_id, context.body.interfaceAttachment ?? {}),
  }),
  route({
    ...attach,
    since: '2.49',
    schemas: { params: ServerParams, body: attachBody({ ...attachment, tag: optional(TagSchema) }) },
    handle: (context) => attached(context, context.params.server_id, context.body.interfaceAttachment ?? {}),
  }),
  route({
    method: 'DELETE',
    path: '/servers/:server_id/os-interface/:port_id',
    access: 'member',
    policy: 'os_compute_api:os-attach-interfaces:delete',
    summary: 'Detach a port from a server',
    status: 202,
    response: 'nothing',
    schemas: { params: InterfaceParams },
    async handle(context) {
      const server = await foundServer(context, context.params.server_id);
      const request = { port: dashed(context.params.port_id) as PortId };
      await context.parts.operations.start(detachPort, server, request, requesterOf(context));
    },
  }),
];

async function attached(context: RequestContext, id: string, body: AttachmentBody): Promise<unknown> {
  const { parts, version } = context;
  const server = await foundServer(context, id);
  const request = {
    wish: await attachmentWish(context, server, body),
    portLimit: await portLimitOf(parts, server.projectId),
  };
  const operation = await parts.operations.startAndWait(attachPort, server, request, requesterOf(context));
  const port = await parts.store.ports.find(operation.input.port as PortId);
  if (operation.failure !== null || port === undefined)
    throw new Failure('internal', `Failed to attach network adapter device to ${server.id}`, {
      operatorText: operation.failure?.operatorText ?? 'the port was deleted meanwhile',
    });
  return { interfaceAttachment: interfaceView(port, version) };
}
