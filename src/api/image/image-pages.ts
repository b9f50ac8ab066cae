import type { Image } from '../../model/image.ts';
import type { ImageFilter } from '../../store/promise/images.ts';
import type { Page } from '../../store/promise/page.ts';
import type { Queries } from '../../store/promise/store.ts';

/** Images that are read from the store in one go. */
const GO = 100;
/** Bytes of properties on one page: some more, for the last go is taken whole. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** A page of a list of images. */
export interface ImagePage {
  readonly images: readonly Image[];
  /** The marker of the next page, which may be empty; undefined when this is the last. */
  readonly next: string | undefined;
}

/**
 * A page of the images that `isWanted` takes. It ends early where the images are large: a page is work in
 * proportion to what is in it, and a limit counts images alone. The client goes on from `next`, as from any
 * page.
 * @param isWanted what the filter cannot say
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
    const limit = isWanted === undefined ? Math.min(GO, page.limit - images.length) : GO;
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
