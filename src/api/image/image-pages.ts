import type { Image } from '../../model/image.ts';
import type { ImageFilter } from '../../store/promise/images.ts';
import type { Page } from '../../store/promise/page.ts';
import type { Queries } from '../../store/promise/store.ts';

/** Images read at once from the store. */
const BATCH = 100;
/** Bytes of properties on one page, without the last batch, which is always complete. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** A page of a list of images. */
export interface ImagePage {
  readonly images: readonly Image[];
  /** The marker of the next page, which may be empty; undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * A page of the images that `isWanted` accepts. A page of large images ends early, because the work for a
 * page depends on its size and not on the number of images. The client continues from `next` as usual.
 * @param isWanted conditions that the filter cannot express
 */
export async function imagePage(
  store: Queries,
  {
    filter,
    page,
    isWanted,
  }: { filter: ImageFilter; page: Page; isWanted?: ((image: Image) => boolean) | undefined },
): Promise<ImagePage> {
  const images: Image[] = [];
  let bytes = 0;
  for (let marker = page.marker; images.length < page.limit; ) {
    const limit = isWanted === undefined ? Math.min(BATCH, page.limit - images.length) : BATCH;
    const seen = await store.images.list(filter, { ...page, limit, ...(marker !== undefined && { marker }) });
    for (const image of seen) {
      marker = image.id;
      bytes += sizeOf(image);
      if (isWanted?.(image) !== false) images.push(image);
      if (images.length === page.limit) return { images, next: marker };
    }
    if (seen.length < limit) return { images, next: undefined };
    if (bytes > MAX_PAGE_BYTES) return { images, next: marker };
  }
  return { images, next: undefined };
}

function sizeOf({ properties }: Image): number {
  return Object.entries(properties).reduce((sum, [key, value]) => sum + key.length + (value?.length ?? 0), 0);
}
