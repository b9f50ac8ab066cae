import type { Image } from '../../model/image.ts';
import type { ImageFilter } from '../../store/promise/images.ts';
import type { Page } from '../../store/promise/page.ts';
import type { Store } from '../../store/store.ts';
import { imageMarker } from '../image-marker.ts';
import { type Route, route } from '../route.ts';
import { exactlyOf, filterOf, markerOf, pageOf, type Words } from './list-query.ts';
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
    const marker = await imageMarker(parts.store, caller, markerOf(words));
    const page = { ...pageOf(words), ...(marker !== undefined && { marker }) };
    const filter = filterOf(words, caller);
    const images = await imagesOf(parts.store, { filter, page, exactly: exactlyOf(words) });
    const last = images.length === page.limit ? images.at(-1) : undefined;
    return {
      images: images.map(imageView),
      first: address(words, undefined),
      ...(last === undefined ? {} : { next: address(words, last.id) }),
      schema: '/v2/schemas/images',
    };
  },
});

interface Wanted {
  readonly filter: ImageFilter;
  readonly page: Page;
  readonly exactly: ReturnType<typeof exactlyOf>;
}

/** Images looked at in one go, when a list must look at each. */
const GO = 500;

async function imagesOf(store: Store, { filter, page, exactly }: Wanted): Promise<Image[]> {
  if (page.limit === 0) return [];
  if (exactly === undefined) return store.images.list(filter, page);
  const images: Image[] = [];
  for (let marker = page.marker; ; ) {
    const seen = await store.images.list(filter, {
      ...page,
      limit: GO,
      ...(marker === undefined ? {} : { marker }),
    });
    images.push(...seen.filter((image) => exactly(imageView(image))));
    marker = seen.at(-1)?.id;
    if (seen.length < GO || images.length >= page.limit) return images.slice(0, page.limit);
  }
}

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
