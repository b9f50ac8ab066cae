import { Failure } from '../../model/failure.ts';
import type { Image } from '../../model/image.ts';
import type { ApiParts } from '../parts.ts';
import { noSuchImage } from './reach-of-caller.ts';

export type ImagePatch = Partial<Omit<Image, 'id' | 'generation' | 'createdAt' | 'updatedAt'>>;

const TRIES = 10;

/**
 * Changes an image as it is now: when another request was quicker, `change` looks at the new state and decides again; undefined
 * leaves it as it is.
 * @throws {Failure} `not-found` when it was deleted meanwhile, and what `change` throws
 */
export async function changeImage(
  parts: Pick<ApiParts, 'store' | 'now'>,
  seen: Image,
  change: (image: Image) => ImagePatch | undefined,
): Promise<Image> {
  let image = seen;
  for (let tries = 1; ; tries++) {
    const patch = change(image);
    if (patch === undefined) return image;
    try {
      return await parts.store.images.update(image, { ...patch, updatedAt: parts.now() });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind !== 'conflict' || tries === TRIES) throw thrown;
    }
    const now = await parts.store.images.find(seen.id);
    if (now === undefined || now.createdAt !== seen.createdAt) throw noSuchImage(seen.id);
    image = now;
  }
}
