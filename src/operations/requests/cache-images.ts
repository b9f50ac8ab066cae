import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import { asFailure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import type { ImageSnapshot } from '../../model/image.ts';
import type { Log } from '../../model/log.ts';
import type { Store } from '../../store/promise/store.ts';
import type { ImageLinks } from '../engine/image-links.ts';
import { contentsOfImage, imageIdsOf } from '../steps/image-contents.ts';

/** How long a host may take to fetch one image. Milliseconds. */
const FETCH_MS = 60 * 60_000;

/** What caching images ahead needs. */
export interface CachingParts {
  readonly bus: Bus;
  readonly log: Log;
  readonly store: Pick<Store, 'images'>;
  /** Absent where hosts have a way of their own to image data. */
  readonly imageLinks?: Pick<ImageLinks, 'linksTo'>;
}

/**
 * Makes hosts fetch images before a server needs them: one image at a time on each host, all hosts in
 * parallel. It runs in the background and only logs failures: a host fetches missing images when a server is
 * created (nova/conductor/manager.py cache_images).
 */
export async function cacheImages(
  { bus, log, store, imageLinks }: CachingParts,
  hosts: readonly HostName[],
  images: readonly ImageSnapshot[],
): Promise<void> {
  const onHost = async (host: HostName) => {
    for (const image of images)
      try {
        const links = imageLinks?.linksTo(imageIdsOf(image)) ?? null;
        const contents = await contentsOfImage(store, image);
        const fetch = { verb: 'cache-image', image, images: links, contents } as const;
        await within(FETCH_MS, (signal) => bus.request(host, fetch, signal));
        log('image-cached', { host, image: image.id });
      } catch (error) {
        const why = asFailure(error).operatorText;
        log('image-caching-failed', { host, image: image.id, why });
      }
  };
  await Promise.all(hosts.map(onHost));
}
