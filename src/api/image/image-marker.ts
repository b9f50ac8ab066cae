import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ImageId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import { imageVisibleTo } from './image-visibility.ts';

/**
 * The image after which a page of a list begins; undefined for the first page. A deleted or invisible image
 * is refused with the same text as an unknown one, so that a marker does not reveal what exists. Glance
 * answers 403 for an invisible one.
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
