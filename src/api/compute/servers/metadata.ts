import { requireLegal } from '../../../model/action.ts';
import { Failure } from '../../../model/failure.ts';
import { Type } from '../../../model/schema.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { metadataShape, metaItem } from '../small-shapes.ts';
import { MetadataSchema, ServerParams } from './field-schemas.ts';
import { changeServer, foundServer, requesterOf } from './found-server.ts';
import { requireMetadataQuota } from './metadata-quota.ts';

type Metadata = Readonly<Record<string, string>>;

const closed = { additionalProperties: false } as const;
const ItemParams = Type.Object({ server_id: Type.String(), key: Type.String() });
const All = Type.Object({ metadata: MetadataSchema }, closed);
const One = Type.Object(
  { meta: Type.Unsafe<Metadata>({ ...MetadataSchema, minProperties: 1, maxProperties: 1 }) },
  closed,
);

const read = { access: 'reader', status: 200 } as const;
const write = { access: 'member', status: 200 } as const;
const rule = (name: string) => `os_compute_api:server-metadata:${name}`;

/** A server's metadata (https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata). */
export const metadataRoutes: readonly Route[] = [
  route({
    ...read,
    method: 'GET',
    path: '/servers/:server_id/metadata',
    policy: rule('index'),
    summary: "List a server's metadata",
    schemas: { params: ServerParams },
    response: metadataShape,
    handle: async (context) => ({
      metadata: (await foundServer(context, context.params.server_id)).metadata,
    }),
  }),
  route({
    ...write,
    method: 'POST',
    path: '/servers/:server_id/metadata',
    policy: rule('create'),
    summary: "Add to a server's metadata",
    schemas: { params: ServerParams, body: All },
    response: metadataShape,
    handle: async (context) => ({
      metadata: await changed(context, context.params.server_id, (old) => ({
        ...old,
        ...context.body.metadata,
      })),
    }),
  }),
  route({
    ...write,
    method: 'PUT',
    path: '/servers/:server_id/metadata',
    policy: rule('update_all'),
    summary: "Replace a server's metadata",
    schemas: { params: ServerParams, body: All },
    response: metadataShape,
    handle: async (context) => ({
      metadata: await changed(context, context.params.server_id, () => context.body.metadata),
    }),
  }),
  route({
    ...read,
    method: 'GET',
    path: '/servers/:server_id/metadata/:key',
    policy: rule('show'),
    summary: 'Show one metadata item',
    schemas: { params: ItemParams },
    response: metaItem,
    async handle(context) {
      const { server_id, key } = context.params;
      const { metadata } = await foundServer(context, server_id);
      return { meta: { [key]: item(metadata, key) } };
    },
  }),
  route({
    ...write,
    method: 'PUT',
    path: '/servers/:server_id/metadata/:key',
    policy: rule('update'),
    summary: 'Set one metadata item',
    schemas: { params: ItemParams, body: One },
    response: metaItem,
    async handle(context) {
      const { server_id, key } = context.params;
      const { meta } = context.body;
      if (!Object.hasOwn(meta, key)) throw new Failure('invalid', 'Request body and URI mismatch');
      await changed(context, server_id, (old) => ({ ...old, ...meta }));
      return { meta };
    },
  }),
  route({
    ...write,
    method: 'DELETE',
    path: '/servers/:server_id/metadata/:key',
    policy: rule('delete'),
    summary: 'Delete one metadata item',
    schemas: { params: ItemParams },
    status: 204,
    async handle(context) {
      const { server_id, key } = context.params;
      await changed(context, server_id, (old) => {
        item(old, key);
        return Object.fromEntries(Object.entries(old).filter(([name]) => name !== key));
      });
    },
  }),
];

function item(metadata: Metadata, key: string): string {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) throw new Failure('not-found', 'Metadata item was not found');
  return value;
}

async function changed(
  context: RequestContext,
  id: string,
  change: (old: Metadata) => Metadata,
): Promise<Metadata> {
  const { projectId } = requesterOf(context);
  const { config } = context.parts;
  const server = await changeServer(context, id, async (seen, store) => {
    const metadata = change(seen.metadata);
    requireLegal('update metadata', seen, context.caller);
    await requireMetadataQuota({ store, config }, projectId, metadata);
    return { metadata };
  });
  return server.metadata;
}
