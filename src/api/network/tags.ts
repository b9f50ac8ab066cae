import type { TObject } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { object, texts } from '../http/shape.ts';
import { MAX_TAGS, Tag, Tags } from './fields.ts';
import { type Resource, type Row, reading, type Writing } from './resource.ts';
import { requireVisible } from './resource-page.ts';
import { IdParams } from './resource-routes.ts';
import { changeOwn } from './revisions.ts';

const TagParams = Type.Object({ id: Type.String(), tag: Tag });
const tagList = object({ tags: texts });

type Tagged = Row & { readonly tags: readonly string[] };
/** Writes a row's tags. */
type SetTags<R> = (at: Writing, row: R, tags: readonly string[]) => Promise<R>;

/** `/ports/{id}/tags` and their like (neutron/extensions/tagging.py). */
export function tagRoutes<R extends Tagged, C extends TObject, U extends TObject>(
  of: Resource<R, C, U>,
  setTags: SetTags<R>,
): readonly Route[] {
  const resource = of as unknown as Resource<R, TObject, TObject>;
  return [...listRoutes(resource, setTags), ...oneRoutes(resource, setTags)];
}

function listRoutes<R extends Tagged>(
  resource: Resource<R, TObject, TObject>,
  setTags: SetTags<R>,
): readonly Route[] {
  const path = `/v2.0${resource.path}/:id/tags`;
  const noun = resource.name.replaceAll('_', ' ');
  const policy = `update_${resource.collection}_tags`;
  return [
    route({
      method: 'GET',
      path,
      access: 'reader',
      policy: `get_${resource.collection}_tags`,
      summary: `List the tags of a ${noun}`,
      schemas: { params: IdParams },
      status: 200,
      response: tagList,
      handle: async (context) => {
        const { tags } = await requireVisible(resource, reading(context), context.params.id);
        return { tags };
      },
    }),
    route({
      method: 'PUT',
      path,
      access: 'member',
      policy,
      summary: `Replace the tags of a ${noun}`,
      schemas: {
        params: IdParams,
        body: Type.Object({ tags: Tags }, { additionalProperties: false }),
      },
      status: 200,
      response: tagList,
      handle: async (context) => {
        const { tags } = context.body;
        await changeOwn(resource, context, { policy, change: (at, row) => setTags(at, row, tags) });
        return { tags };
      },
    }),
    route({
      method: 'DELETE',
      path,
      access: 'member',
      policy,
      summary: `Remove all tags of a ${noun}`,
      schemas: { params: IdParams },
      status: 204,
      handle: async (context) =>
        void (await changeOwn(resource, context, { policy, change: (at, row) => setTags(at, row, []) })),
    }),
  ];
}

function oneRoutes<R extends Tagged>(
  resource: Resource<R, TObject, TObject>,
  setTags: SetTags<R>,
): readonly Route[] {
  const path = `/v2.0${resource.path}/:id/tags/:tag`;
  const noun = resource.name.replaceAll('_', ' ');
  const policy = `update_${resource.collection}_tags`;
  return [
    route({
      method: 'GET',
      path,
      access: 'reader',
      policy: `get_${resource.collection}_tags`,
      summary: `Check whether a ${noun} has a tag`,
      schemas: { params: TagParams },
      status: 204,
      handle: async (context) => {
        const row = await requireVisible(resource, reading(context), context.params.id);
        requireTag(row, context.params.tag);
      },
    }),
    route({
      method: 'PUT',
      path,
      access: 'member',
      policy,
      summary: `Add a tag to a ${noun}`,
      schemas: { params: TagParams },
      status: 201,
      response: 'nothing',
      handle: async (context) => {
        const { tag } = context.params;
        const change = async (at: Writing, row: R) =>
          row.tags.includes(tag) ? row : setTags(at, row, withTag(row, tag));
        await changeOwn(resource, context, { policy, change });
      },
    }),
    route({
      method: 'DELETE',
      path,
      access: 'member',
      policy,
      summary: `Remove a tag of a ${noun}`,
      schemas: { params: TagParams },
      status: 204,
      handle: async (context) => {
        const { tag } = context.params;
        const change = async (at: Writing, row: R) => {
          requireTag(row, tag);
          return setTags(
            at,
            row,
            row.tags.filter((each) => each !== tag),
          );
        };
        await changeOwn(resource, context, { policy, change });
      },
    }),
  ];
}

function requireTag({ tags }: Tagged, tag: string): void {
  if (!tags.includes(tag))
    throw new Failure('not-found', `Tag ${tag} could not be found.`, { type: 'TagNotFound' });
}

function withTag({ tags }: Tagged, tag: string): readonly string[] {
  if (tag.length > 255)
    throw new Failure('invalid', `Invalid input for operation: '${tag}' exceeds maximum length of 255.`, {
      type: 'InvalidInput',
    });
  if (tags.length >= MAX_TAGS)
    throw new Failure('invalid', `The number of tags exceed the per-resource limit of ${MAX_TAGS}`, {
      type: 'BadRequest',
    });
  return [...tags, tag];
}
