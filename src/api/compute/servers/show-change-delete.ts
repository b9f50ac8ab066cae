import type { Static } from 'typebox';
import { Type } from '../../../model/schema.ts';
import type { Server, ServerPatch } from '../../../model/server.ts';
import { deleteServer } from '../../../operations/kinds/delete-server.ts';
import { PreparedJson } from '../../http/prepared-json.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { DescriptionSchema, NameSchema } from '../field-schemas.ts';
import { accessAddressesOf, accessAddressSchemas } from './access-addresses.ts';
import { diskConfigOf } from './disk-config.ts';
import { DiskConfigSchema, HostnameSchema, ServerParams } from './field-schemas.ts';
import { changeServer, foundServer, requesterOf } from './found-server.ts';
import { renderOne } from './render-servers.ts';
import { withPorts } from './server-ports.ts';
import { oneServer, updatedServer } from './server-shapes.ts';
import { changedServer } from './view.ts';

const base = {
  name: Type.Optional(NameSchema),
  'OS-DCF:diskConfig': Type.Optional(DiskConfigSchema),
  ...accessAddressSchemas,
};
const described = { ...base, description: Type.Optional(DescriptionSchema(255)) };
const hostnamed = { ...described, hostname: Type.Optional(HostnameSchema) };
const closed = { additionalProperties: false } as const;
const changeOf = <P extends typeof base>(properties: P) =>
  Type.Object({ server: Type.Object(properties, closed) }, closed);

const change = {
  method: 'PUT',
  path: '/servers/:server_id',
  access: 'member',
  policy: 'os_compute_api:servers:update',
  summary: "Change a server's name, description, host name, access addresses or disk configuration",
  response: updatedServer,
  status: 200,
} as const;

/** A server by its id (https://docs.openstack.org/api-ref/compute/#show-server-details). */
export const serverRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id',
    access: 'reader',
    policy: 'os_compute_api:servers:show',
    summary: 'Show a server',
    schemas: { params: ServerParams },
    status: 200,
    response: oneServer,
    async handle(context) {
      const shown = await withPorts(context, await foundServer(context, context.params.server_id));
      return new PreparedJson(`{"server":${await renderOne(context, shown, 'single')}}`);
    },
  }),
  route({
    ...change,
    until: '2.18',
    schemas: { params: ServerParams, body: changeOf(base) },
    handle: (context) => changed(context, context.params.server_id, context.body.server),
  }),
  route({
    ...change,
    since: '2.19',
    until: '2.89',
    schemas: { params: ServerParams, body: changeOf(described) },
    handle: (context) => changed(context, context.params.server_id, context.body.server),
  }),
  route({
    ...change,
    since: '2.90',
    schemas: { params: ServerParams, body: changeOf(hostnamed) },
    handle: (context) => changed(context, context.params.server_id, context.body.server),
  }),
  route({
    method: 'DELETE',
    path: '/servers/:server_id',
    access: 'member',
    policy: 'os_compute_api:servers:delete',
    summary: 'Delete a server',
    schemas: { params: ServerParams },
    status: 204,
    async handle(context) {
      const server = await foundServer(context, context.params.server_id);
      await context.parts.operations.start(deleteServer, server, {}, requesterOf(context));
    },
  }),
];

type UpdateBody = Static<ReturnType<typeof changeOf<typeof hostnamed>>>['server'];

async function changed(context: RequestContext, id: string, wish: UpdateBody): Promise<unknown> {
  const { name, description, hostname, 'OS-DCF:diskConfig': diskConfig } = wish;
  const nothing = Object.keys(wish).length === 0;
  const change = ({ image }: Server): ServerPatch => ({
    ...accessAddressesOf(wish),
    ...(diskConfig !== undefined && { diskConfig: diskConfigOf(wish, image) }),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(hostname !== undefined && { hostname }),
  });
  const server = await changeServer(context, id, (found) => (nothing ? undefined : change(found)));
  const { version, caller, base, parts } = context;
  const viewing = { version, isAdmin: caller.isAdmin, base, hosts: await parts.caches.hostFacts.current() };
  return { server: changedServer(await withPorts(context, server), viewing, false) };
}
