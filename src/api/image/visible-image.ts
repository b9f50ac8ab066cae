import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { Image } from '../../model/image.ts';
import type { Queries } from '../../store/promise/store.ts';
import { forbidden } from '../http/access.ts';
import { imageVisibleTo } from './image-visibility.ts';

export function noSuchImage(id: string): Failure {
  return new Failure('not-found', `No image found with ID ${id}`);
}

/**
 * The image, if the caller may see it.
 * @throws {Failure} `not-found`
 */
export async function visibleImage(store: Queries, caller: Caller, text: string): Promise<Image> {
  const image = await imageVisibleTo(store, caller, text);
  if (image === undefined) throw noSuchImage(text);
  return image;
}

/** Whether the image belongs to the caller's project, or the caller is an administrator. */
export function isOwnedBy(image: Image, caller: Caller): boolean {
  return caller.isAdmin || image.owner === caller.projectId;
}

/**
 * The image, if the caller may change it.
 * @throws {Failure} `not-found` when the caller may not see it, `forbidden` with the policy otherwise
 */
export async function ownImage(
  of: { readonly store: Queries; readonly caller: Caller; readonly policy: string },
  text: string,
): Promise<Image> {
  const image = await visibleImage(of.store, of.caller, text);
  if (!isOwnedBy(image, of.caller)) throw forbidden(of.policy, 'image');
  return image;
}
