import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../http/route.ts';
import { changeImage } from './change-image.ts';
import { checkQuotas } from './properties.ts';
import { TagParams } from './schemas.ts';
import { ownImage } from './visible-image.ts';

const MAX_TAG = 255;

/** PUT and DELETE /v2/images/{id}/tags/{tag}. */
export const tagRoutes: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/v2/images/:id/tags/:tag',
    access: 'member',
    policy: 'modify_image',
    summary: 'Add a tag',
    schemas: { params: TagParams },
    status: 204,
    handle: async ({ params: { id, tag }, caller, parts }) => {
      if (tag === '' || tag.length > MAX_TAG || tag.includes('\0'))
        throw new Failure('invalid', `A tag has 1 to ${MAX_TAG} characters.`);
      const seen = await ownImage({ store: parts.store, caller, policy: 'modify_image' }, id);
      await changeImage(parts, seen, (image) => {
        const tags = [...new Set([...image.tags, tag])];
        checkQuotas({ properties: image.properties, tags });
        return { tags };
      });
    },
  }),
  route({
    method: 'DELETE',
    path: '/v2/images/:id/tags/:tag',
    access: 'member',
    policy: 'modify_image',
    summary: 'Remove a tag',
    schemas: { params: TagParams },
    status: 204,
    handle: async ({ params: { id, tag }, caller, parts }) => {
      const seen = await ownImage({ store: parts.store, caller, policy: 'modify_image' }, id);
      await changeImage(parts, seen, (image) => {
        if (!image.tags.includes(tag)) throw new Failure('not-found', `Image ${id} has no tag '${tag}'.`);
        return { tags: image.tags.filter((each) => each !== tag) };
      });
    },
  }),
];
