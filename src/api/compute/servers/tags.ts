import { Type } from 'typebox';
import { ACTIONS } from '../../../model/action.ts';
import { Failure } from '../../../model/failure.ts';
import type { Server } from '../../../model/server.ts';
import { type Ask, type Route, route } from '../../http/route.ts';
import { tagList } from '../small-shapes.ts';
import { changeServer, foundServer } from './found-server.ts';
import { ServerParams, TagsWord } from './words.ts';

const MOST_TAGS = 50;
const LONGEST_TAG = 60;
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
    handle: async (ask) => ({ tags: (await foundServer(ask, ask.params.server_id)).tags }),
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
      body: Type.Object({ tags: TagsWord }, { additionalProperties: false }),
    },
    status: 200,
    response: tagList,
    async handle(ask) {
      const { tags } = await changed(ask, { id: ask.params.server_id, action: 'replace tags' }, () => [
        ...ask.body.tags,
      ]);
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
    async handle(ask) {
      await changed(ask, { id: ask.params.server_id, action: 'delete tags' }, () => []);
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
    async handle(ask) {
      const { server_id, tag } = ask.params;
      requireTag(await foundServer(ask, server_id), tag);
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
    handle: (ask) => add(ask, ask.params.server_id, ask.params.tag),
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
    async handle(ask) {
      const { server_id, tag } = ask.params;
      await changed(ask, { id: server_id, action: 'delete tag' }, (server) => {
        requireTag(server, tag);
        return server.tags.filter((other) => other !== tag);
      });
    },
  }),
];

async function add(ask: Ask, id: string, tag: string): Promise<undefined> {
  if (tag.length > LONGEST_TAG || /[,/]/.test(tag) || tag === '')
    throw new Failure(
      'invalid',
      `Tag '${tag}' is invalid. It must be a string of 1 to ${LONGEST_TAG} characters without ',' and '/'.`,
    );
  let had = false;
  await changed(ask, { id, action: 'update tag' }, ({ tags }) => {
    had = tags.includes(tag);
    if (!had && tags.length >= MOST_TAGS)
      throw new Failure('invalid', `The number of tags exceeded the per-server limit ${MOST_TAGS}`);
    return had ? undefined : [...tags, tag].toSorted();
  });
  if (had) ask.reply.code(204);
  else ask.reply.header('location', `${ask.base}/servers/${id}/tags/${encodeURIComponent(tag)}`);
  return undefined;
}

function changed(
  ask: Ask,
  { id, action }: { readonly id: string; readonly action: string },
  change: (server: Server) => readonly string[] | undefined,
): Promise<Server> {
  return changeServer(ask, id, (server) => {
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
