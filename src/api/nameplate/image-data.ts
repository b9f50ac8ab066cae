import { Failure } from '../../model/failure.ts';
import type { ImageId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import { imageDataForHosts } from '../../operations/requests/image-data-for-hosts.ts';
import { type Route, route } from '../http/route.ts';

const params = Type.Object({ id: Type.String() });
const query = Type.Object({ until: Type.String(), key: Type.String() });

/**
 * Image data for agents, which have no token: a link authorizes them (`operations/engine/image-links.ts`).
 */
export const imageDataRoute: Route = route({
  method: 'GET',
  path: '/image-data/:id',
  access: 'anybody',
  policy: 'image_data',
  summary: 'Image data for the agent of a compute host, by a link that its command carried',
  schemas: { params, query },
  status: 200,
  response: 'bytes',
  handle: async ({ params: { id }, query: { until, key }, parts, reply }) => {
    if (parts.imageLinks?.admits({ image: id, until, key }) !== true)
      throw new Failure('forbidden', 'The link is none that was given out, or its time is over.');
    const { size, data } = await imageDataForHosts(parts, id as ImageId);
    reply.header('content-type', 'application/octet-stream').header('content-length', size);
    return data;
  },
});
