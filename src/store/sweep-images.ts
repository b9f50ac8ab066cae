import type { ImageId } from '../model/ids.ts';
import type { Image } from '../model/image.ts';
import type { Store } from './store.ts';

const PAGE = 500;

/**
 * Brings images and their data together after a start, before the first request: uploads that a crash interrupted begin anew,
 * and data that no image has is removed. Where other processes write this data too, only of what was last touched before
 * `before` (epoch milliseconds).
 */
export async function sweepImages(
  store: Store,
  data: { sweep(keep: ReadonlySet<ImageId>, before?: number): Promise<number> },
  { now, before }: { readonly now: () => number; readonly before: number },
): Promise<{ requeued: number; removed: number }> {
  const keep = new Set<ImageId>();
  let requeued = 0;
  for await (const image of allImages(store)) {
    if (image.status === 'saving') {
      if (image.updatedAt >= before) continue;
      await store.images.update(image, { status: 'queued', updatedAt: now() });
      requeued++;
    } else if (image.size !== null) keep.add(image.id);
  }
  return { requeued, removed: await data.sweep(keep, before) };
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
