import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../http/route.ts';
import { parseByteRange } from './byte-range.ts';
import { ImageParams } from './schemas.ts';
import { visibleImage } from './visible-image.ts';

/** GET /v2/images/{id}/file. */
export const downloadRoute: Route = route({
  method: 'GET',
  path: '/v2/images/:id/file',
  access: 'reader',
  policy: 'download_image',
  summary: 'Download image data, whole or a range',
  schemas: { params: ImageParams },
  status: 200,
  response: 'bytes',
  alsoAnswers: { 204: 'nothing', 206: 'bytes' },
  handle: async ({ params, caller, parts, request, reply }) => {
    const image = await visibleImage(parts.store, caller, params.id);
    if (image.status === 'deactivated' && !caller.isAdmin)
      throw new Failure(
        'forbidden',
        'The requested image has been deactivated. Image data download is forbidden.',
      );
    const hasData = image.status === 'active' || image.status === 'deactivated';
    if (!hasData || image.size === null || image.data === null) {
      reply.code(204);
      return undefined;
    }
    const range = parseByteRange(request.headers.range, image.size);
    reply.header('accept-ranges', 'bytes');
    if (range === 'unsatisfiable') {
      reply.code(416).header('content-range', `bytes */${image.size}`).header('content-type', 'text/plain');
      return Buffer.from('416 Requested Range Not Satisfiable\n');
    }
    reply.header('content-type', 'application/octet-stream');
    if (range === 'none') {
      if (image.checksum !== null) reply.header('content-md5', image.checksum);
      reply.header('content-length', image.size);
      return parts.imageData.read(image.data);
    }
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${image.size}`);
    reply.header('content-length', range.end - range.start + 1);
    return parts.imageData.read(image.data, range);
  },
});
