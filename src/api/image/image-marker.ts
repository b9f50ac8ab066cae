import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ImageId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import { imageVisibleTo } from './image-visibility.ts';

/**
 * The image after which a page of a list begins; undefined for the first page. One that is deleted and one
 * that the caller may not see are refused in the same words as one that never was: a marker does not tell
 * what exists. Glance answers 403 for the second.
 * @param marker from the query; an empty one means the first page
 * @throws {Failure} `invalid`
 */
export async function imageMarker(
  store: Queries,
  caller: Caller,
  marker: string | undefined,
): Promise<ImageId | undefined> {
  if (marker === undefined || marker === '') return undefined;
  const image = await imageVisibleTo(store, caller, marker);
  if (image === undefined) throw new Failure('invalid', `marker [${marker}] not found`);
  return image.id;
}
