import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../http/route.ts';
import { ImageParams } from './schemas.ts';
import { imageShape } from './shapes.ts';
import { imageView } from './views.ts';
import { ownImage, visibleImage } from './visible-image.ts';

/** GET and DELETE /v2/images/{id}. */
export const imageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v2/images/:id',
    access: 'reader',
    policy: 'get_image',
    summary: 'Show image',
    schemas: { params: ImageParams },
    status: 200,
    response: imageShape,
    handle: async ({ params, caller, parts }) =>
      imageView(await visibleImage(parts.store, caller, params.id)),
  }),
  route({
    method: 'DELETE',
    path: '/v2/images/:id',
    access: 'member',
    policy: 'delete_image',
    summary: 'Delete image and its data',
    schemas: { params: ImageParams },
    status: 204,
    handle: async ({ params, caller, parts }) => {
      const image = await ownImage({ store: parts.store, caller, policy: 'delete_image' }, params.id);
      if (image.protected)
        throw new Failure('forbidden', `Image ${image.id} is protected and cannot be deleted.`);
      const deleted = await parts.store.images.delete(image.id);
      // An upload in progress removes its own data when it finds that the image is gone.
      if (deleted !== undefined && deleted.data !== null) await parts.imageData.delete(deleted.data);
    },
  }),
];
