import { type Route, route } from '../route.ts';
import { filterOf, pageOf, type Words } from './list-query.ts';
import { imageView } from './views.ts';

/** GET /v2/images. */
export const listImagesRoute: Route = route({
  method: 'GET',
  path: '/v2/images',
  access: 'reader',
  policy: 'get_images',
  summary: 'List images',
  status: 200,
  handle: async ({ caller, parts, request }) => {
    const words = wordsOf(request.query as Record<string, string | string[]>);
    const page = pageOf(words);
    const filter = filterOf(words, caller);
    const images = page.limit === 0 ? [] : await parts.store.images.list(filter, page);
    const last = images.length === page.limit ? images.at(-1) : undefined;
    return {
      images: images.map(imageView),
      first: address(words, undefined),
      ...(last === undefined ? {} : { next: address(words, last.id) }),
      schema: '/v2/schemas/images',
    };
  },
});

function wordsOf(query: Readonly<Record<string, string | string[]>>): Words {
  return new Map(Object.entries(query).map(([key, given]) => [key, [given].flat()]));
}

/** The same list from another place, relative to the catalog's URL. */
function address(words: Words, marker: string | undefined): string {
  const query = new URLSearchParams();
  if (marker !== undefined) query.append('marker', marker);
  for (const [key, values] of words) {
    if (key === 'marker') continue;
    for (const value of values) query.append(key, value);
  }
  return query.size === 0 ? '/v2/images' : `/v2/images?${query}`;
}
