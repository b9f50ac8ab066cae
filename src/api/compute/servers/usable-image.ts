import { Failure } from '../../../model/failure.ts';
import type { Caller } from '../../../model/identity.ts';
import { type ImageId, parseImageId } from '../../../model/ids.ts';
import type { Image } from '../../../model/image.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { imageVisibleTo } from '../../image/image-visibility.ts';

/** A bootable image, with its kernel and ramdisk. */
export interface UsableImage {
  readonly image: Image;
  readonly kernelId: ImageId | null;
  readonly ramdiskId: ImageId | null;
}

/**
 * The image of a request, with the images of its properties `kernel_id` and `ramdisk_id`. Each must be
 * visible to the caller and active.
 * @throws {Failure} `invalid`, with Nova's text
 */
export async function usableImage(store: Queries, caller: Caller, ref: string): Promise<UsableImage> {
  const image = await imageVisibleTo(store, caller, dashed(ref));
  if (image === undefined) throw new Failure('invalid', 'Can not find requested image');
  if (image.status !== 'active') throw new Failure('invalid', `Image ${image.id} is not active.`);
  const named = (property: string) => imageNamedBy({ store, caller, image }, property);
  return { image, kernelId: await named('kernel_id'), ramdiskId: await named('ramdisk_id') };
}

async function imageNamedBy(
  { store, caller, image }: { store: Queries; caller: Caller; image: Image },
  property: string,
): Promise<ImageId | null> {
  const id = parseImageId(image.properties[property] ?? '');
  if (id === undefined) return null;
  const named = await imageVisibleTo(store, caller, id);
  const what = `Image ${image.id} cannot be booted: its property ${property} names the image ${id}, which`;
  if (named === undefined) throw new Failure('invalid', `${what} could not be found.`);
  if (named.status !== 'active') throw new Failure('invalid', `${what} is not active.`);
  return named.id;
}

/** Accepts a UUID without dashes. */
function dashed(text: string): string {
  const hex = text.replaceAll('-', '');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
