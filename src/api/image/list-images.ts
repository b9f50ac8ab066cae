import type { Image } from '../../model/image.ts';
import { type Route, route } from '../http/route.ts';
import { imageMarker } from './image-marker.ts';
import { imagePage } from './image-pages.ts';
import { exactlyOf, filterOf, markerOf, pageOf, type QueryParams } from './list-query.ts';
import { imageList } from './shapes.ts';
import { imageView } from './views.ts';

/** GET /v2/images. */
export const listImagesRoute: Route = route({
  method: 'GET',
  path: '/v2/images',
  access: 'reader',
  policy: 'get_images',
  summary: 'List images',
  status: 200,
  response: imageList,
  handle: async ({ caller, parts, request }) => {
    const words = wordsOf(request.query as Record<string, string | string[]>);
    const marker = await imageMarker(parts.store, caller, markerOf(words));
    const page = { ...pageOf(words), ...(marker !== undefined && { marker }) };
    const exactly = exactlyOf(words);
    const isWanted = exactly && ((image: Image) => exactly(imageView(image)));
    const { images, next } = await imagePage(parts.store, {
      filter: filterOf(words, caller),
      page,
      isWanted,
    });
    return {
      images: images.map(imageView),
      first: address(words, undefined),
      ...(next === undefined ? {} : { next: address(words, next) }),
      schema: '/v2/schemas/images',
    };
  },
});

function wordsOf(query: Readonly<Record<string, string | string[]>>): QueryParams {
  return new Map(Object.entries(query).map(([key, given]) => [key, [given].flat()]));
}

/** The path of the list with another marker, relative to the URL in the catalog. */
function address(words: QueryParams, marker: string | undefined): string {
  const query = new URLSearchParams();
  if (marker !== undefined) query.append('marker', marker);
  for (const [key, values] of words) {
    if (key === 'marker') continue;
    for (const value of values) query.append(key, value);
  }
  return query.size === 0 ? '/v2/images' : `/v2/images?${query}`;
}
