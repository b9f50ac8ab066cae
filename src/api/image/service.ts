import type { FastifyInstance } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { jsonParser } from '../json-text.ts';
import type { Service } from '../service.ts';
import { createImageRoute } from './create-image.ts';
import { downloadRoute } from './download.ts';
import { imageActionRoutes } from './image-actions.ts';
import { imageRoutes } from './images.ts';
import { PATCH_TYPES } from './json-patch.ts';
import { jsonSchemaRoutes } from './json-schemas.ts';
import { listImagesRoute } from './list-images.ts';
import { memberRoutes } from './members.ts';
import { tagRoutes } from './tags.ts';
import { updateImageRoute } from './update-image.ts';
import { uploadRoute } from './upload.ts';
import { versionRoutes } from './versions.ts';

/** Image v2 (https://docs.openstack.org/api-ref/image/v2/). */
export const imageService: Service = {
  name: 'image',
  prefix: '/image',
  routes: [
    ...versionRoutes,
    createImageRoute,
    listImagesRoute,
    ...imageRoutes,
    updateImageRoute,
    uploadRoute,
    downloadRoute,
    ...tagRoutes,
    ...memberRoutes,
    ...imageActionRoutes,
    ...jsonSchemaRoutes,
  ],
  hasMicroversions: false,
  unknownMethod: 405,
  tokenBeforePath: true,
  prepare: takeImageData,
};

/** Image data is handed on as a stream, never held; patches are JSON under types of their own. */
function takeImageData(app: FastifyInstance): void {
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.addContentTypeParser(PATCH_TYPES, { parseAs: 'buffer' }, jsonParser(app));
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', (request, _payload, done) => {
    const isEmpty = request.headers['content-length'] === '0';
    done(isEmpty ? null : new Failure('unsupported-media', 'Unsupported Content-Type'), undefined);
  });
}
