import type { ImageId } from '../model/ids.ts';
import type { Image } from '../model/image.ts';
import type { Store } from './store.ts';

const PAGE = 500;

/**
 * Brings images and their data together after a start, before the first request: uploads that a crash interrupted begin anew,
 * and data that no image has is removed. Only for the one process that writes this data.
 */
export async function sweepImages(
  store: Store,
  data: { sweep(keep: ReadonlySet<ImageId>): Promise<number> },
  now: () => number,
): Promise<{ requeued: number; removed: number }> {
  const keep = new Set<ImageId>();
  let requeued = 0;
  for await (const image of allImages(store)) {
    if (image.status === 'saving') {
      await store.images.update(image, { status: 'queued', updatedAt: now() });
      requeued++;
    } else if (image.size !== null) keep.add(image.id);
  }
  return { requeued, removed: await data.sweep(keep) };
}

async function* allImages(store: Store): AsyncGenerator<Image> {
  const sort = [{ key: 'id', direction: 'asc' }] as const;
  for (let marker: ImageId | undefined; ; ) {
    const page = await store.images.list(
      {},
      { limit: PAGE, sort, ...(marker === undefined ? {} : { marker }) },
    );
    yield* page;
    marker = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
