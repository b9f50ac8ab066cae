import type { Service } from '../http/service.ts';
import { createImageRoute } from './create-image.ts';
import { downloadRoute } from './download.ts';
import { imageActionRoutes } from './image-actions.ts';
import { imageRoutes } from './images.ts';
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
};
