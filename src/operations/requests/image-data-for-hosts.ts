import type { Readable } from 'node:stream';
import { Failure } from '../../model/failure.ts';
import type { ImageId } from '../../model/ids.ts';
import type { ImageDataName } from '../../model/image.ts';
import type { Store } from '../../store/promise/store.ts';

/** Where compute hosts get image data from. */
export interface HostImageParts {
  readonly store: Pick<Store, 'images'>;
  readonly imageData: { read(name: ImageDataName): Promise<Readable> };
}

/**
 * The data of an image for a compute host, by whatever way the host asks: within the process, or by a link.
 * The server's request was checked for the right to see the image; its status is asked again at each fetch,
 * so that nobody's guest is made of an image that has been deleted or deactivated meanwhile. What a host has
 * in its cache already is not fetched, and not asked for here.
 * @throws {Failure} `not-found` when the image is not there, `conflict` when it is not active
 */
export async function imageDataForHosts(
  { store, imageData }: HostImageParts,
  id: ImageId,
): Promise<{ size: number; data: Readable }> {
  const image = await store.images.find(id);
  if (image === undefined) throw new Failure('not-found', `Image ${id} could not be found.`);
  if (image.status !== 'active' || image.size === null || image.data === null) throw notActive(id);
  return { size: image.size, data: await imageData.read(image.data) };
}

export function notActive(id: ImageId): Failure {
  return new Failure('conflict', `Image ${id} is not active.`);
}
