import { Failure } from '../model/failure.ts';
import type { Image, ImageDataName } from '../model/image.ts';
import { pagesOf } from '../model/pages.ts';
import type { Store } from '../store/promise/store.ts';

const PAGE = 500;

/**
 * Reconciles images and their data after a start, before the first request: resets uploads that a crash
 * interrupted, and removes data that no image has. If other processes write this data too, only images and
 * data last changed before `before` (epoch milliseconds) are touched.
 */
export async function sweepImages(
  store: Store,
  data: { sweep(keep: ReadonlySet<ImageDataName>, before?: number): Promise<number> },
  { now, before }: { readonly now: () => number; readonly before: number },
): Promise<{ requeued: number; removed: number }> {
  const keep = new Set<ImageDataName>();
  let requeued = 0;
  for await (const image of allImages(store)) {
    for (const name of [image.data, image.upload]) if (name !== null) keep.add(name);
    if (image.status !== 'saving' || image.updatedAt >= before) continue;
    if (!(await requeue(store, image, now()))) continue;
    requeued++;
    if (image.upload !== null) keep.delete(image.upload);
  }
  return { requeued, removed: await data.sweep(keep, before) };
}

/** @returns false if another replica has changed the image meanwhile */
async function requeue(store: Store, image: Image, now: number): Promise<boolean> {
  try {
    await store.images.update(image, { status: 'queued', upload: null, updatedAt: now });
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure && (thrown.kind === 'conflict' || thrown.kind === 'not-found'))
      return false;
    throw thrown;
  }
}

async function* allImages(store: Store): AsyncGenerator<Image> {
  const sort = [{ key: 'id', direction: 'asc' }] as const;
  for await (const images of pagesOf((page) => store.images.list({}, { ...page, sort }), PAGE)) yield* images;
}
