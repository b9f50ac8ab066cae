import type { Image } from '../../model/image.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { noSuchImage } from './visible-image.ts';

export type ImagePatch = Partial<Omit<Image, 'id' | 'generation' | 'createdAt' | 'updatedAt'>>;

/**
 * Changes an image in one transaction, so that concurrent changes are applied one after another.
 * @param change computes the change of the current image; it may run more than once, and returns undefined
 *   for no change
 * @throws {Failure} `not-found` when the image was deleted meanwhile, and failures of `change`
 */
export function changeImage(
  parts: Pick<ApiDependencies, 'store' | 'now'>,
  seen: Pick<Image, 'id' | 'createdAt'>,
  change: (image: Image) => ImagePatch | undefined,
): Promise<Image> {
  return parts.store.transaction(async (tx) => {
    const image = await tx.images.find(seen.id);
    if (image === undefined || image.createdAt !== seen.createdAt) throw noSuchImage(seen.id);
    const patch = change(image);
    return patch === undefined ? image : tx.images.update(image, { ...patch, updatedAt: parts.now() });
  });
}
