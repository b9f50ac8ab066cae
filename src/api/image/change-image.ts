import type { Image } from '../../model/image.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { noSuchImage } from './visible-image.ts';

export type ImagePatch = Partial<Omit<Image, 'id' | 'generation' | 'createdAt' | 'updatedAt'>>;

/**
 * Changes an image in one transaction: of many changes at once each is made on what the one before it left.
 * @param change sees the image as it is then, and may run more than once; undefined leaves it
 * @throws {Failure} `not-found` when it was deleted meanwhile, and what `change` throws
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
