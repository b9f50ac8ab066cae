import { ACTIONS } from '../../../model/action.ts';
import { Failure } from '../../../model/failure.ts';
import { Type } from '../../../model/schema.ts';
import type { Server } from '../../../model/server.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { tagList } from '../small-shapes.ts';
import { ServerParams, TagsSchema } from './field-schemas.ts';
import { changeServer, foundServer } from './found-server.ts';

const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 60;
/** nova/api/openstack/compute/server_tags.py _check_instance_in_valid_state */
const STATES: readonly string[] = ACTIONS['update metadata'].vmStates;

const TagParams = Type.Object({ server_id: Type.String(), tag: Type.String() });
const since = '2.26' as const;
const rule = (name: string) => `os_compute_api:os-server-tags:${name}`;

/** A server's tags (https://docs.openstack.org/api-ref/compute/#server-tags-servers-tags). */
export const tagRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/tags',
    since,
    access: 'reader',
    policy: rule('index'),
    summary: "List a server's tags",
    schemas: { params: ServerParams },
    status: 200,
    response: tagList,
    handle: async (context) => ({ tags: (await foundServer(context, context.params.server_id)).tags }),
  }),
  route({
    method: 'PUT',
    path: '/servers/:server_id/tags',
    since,
    access: 'member',
    policy: rule('update_all'),
    summary: "Replace a server's tags",
    schemas: {
      params: ServerParams,
      body: Type.Object({ tags: TagsSchema }, { additionalProperties: false }),
    },
    status: 200,
    response: tagList,
    async handle(context) {
      const { tags } = await changed(
        context,
        { id: context.params.server_id, action: 'replace tags' },
        () => [...context.body.tags],
      );
      return { tags };
    },
  }),
  route({
    method: 'DELETE',
    path: '/servers/:server_id/tags',
    since,
    access: 'member',
    policy: rule('delete_all'),
    summary: "Delete a server's tags",
    schemas: { params: ServerParams },
    status: 204,
    async handle(context) {
      await changed(context, { id: context.params.server_id, action: 'delete tags' }, () => []);
    },
  }),
  route({
    method: 'GET',
    path: '/servers/:server_id/tags/:tag',
    since,
    access: 'reader',
    policy: rule('show'),
    summary: 'Say whether a server has a tag',
    schemas: { params: TagParams },
    status: 204,
    async handle(context) {
      const { server_id, tag } = context.params;
      requireTag(await foundServer(context, server_id), tag);
    },
  }),
  route({
    method: 'PUT',
    path: '/servers/:server_id/tags/:tag',
    since,
    access: 'member',
    policy: rule('update'),
    summary: 'Add a tag',
    schemas: { params: TagParams },
    status: 201,
    response: 'nothing',
    alsoAnswers: { 204: 'nothing' },
    handle: (context) => add(context, context.params.server_id, context.params.tag),
  }),
  route({
    method: 'DELETE',
    path: '/servers/:server_id/tags/:tag',
    since,
    access: 'member',
    policy: rule('delete'),
    summary: 'Delete a tag',
    schemas: { params: TagParams },
    status: 204,
    async handle(context) {
      const { server_id, tag } = context.params;
      await changed(context, { id: server_id, action: 'delete tag' }, (server) => {
        requireTag(server, tag);
        return server.tags.filter((other) => other !== tag);
      });
    },
  }),
];

async function add(context: RequestContext, id: string, tag: string): Promise<undefined> {
  if (tag.length > MAX_TAG_LENGTH || /[,/]/.test(tag) || tag === '')
    throw new Failure(
      'invalid',
      `Tag '${tag}' is invalid. It must be a string of 1 to ${MAX_TAG_LENGTH} characters without ',' and '/'.`,
    );
  let had = false;
  await changed(context, { id, action: 'update tag' }, ({ tags }) => {
    had = tags.includes(tag);
    if (!had && tags.length >= MAX_TAGS)
      throw new Failure('invalid', `The number of tags exceeded the per-server limit ${MAX_TAGS}`);
    return had ? undefined : [...tags, tag].toSorted();
  });
  if (had) context.reply.code(204);
  else context.reply.header('location', `${context.base}/servers/${id}/tags/${encodeURIComponent(tag)}`);
  return undefined;
}

function changed(
  context: RequestContext,
  { id, action }: { readonly id: string; readonly action: string },
  change: (server: Server) => readonly string[] | undefined,
): Promise<Server> {
  return changeServer(context, id, (server) => {
    if (!STATES.includes(server.vmState))
      throw new Failure(
        'conflict',
        `Cannot '${action}' instance ${server.id} while it is in vm_state ${server.vmState}`,
      );
    const tags = change(server);
    return tags === undefined ? undefined : { tags };
  });
}

function requireTag(server: Server, tag: string): void {
  if (!server.tags.includes(tag)) throw new Failure('not-found', `Server ${server.id} has no tag '${tag}'`);
}
