import type { ImageId } from '../../model/ids.ts';
import { contentOf, type ImageContent, type ImageContents, type ImageSnapshot } from '../../model/image.ts';
import type { Store } from '../../store/promise/store.ts';

/** All image data that goes into a guest. */
export function imageIdsOf({
  id,
  kernelId,
  ramdiskId,
}: Pick<ImageSnapshot, 'id' | 'kernelId' | 'ramdiskId'>): ImageId[] {
  return [id, kernelId, ramdiskId].filter((image) => image !== null);
}

/**
 * What the data of a server's image, its kernel and its ramdisk is. The server's own copy of the image speaks
 * for the image, also after its deletion; a kernel or ramdisk has to have a record, so that a host never uses
 * what it still holds of a deleted one.
 */
export async function contentsOfImage(
  { images }: Pick<Store, 'images'>,
  image: ImageSnapshot,
): Promise<ImageContents> {
  const recorded = async (id: ImageId | null): Promise<ImageContent | undefined> => {
    const record = id === null ? undefined : await images.find(id);
    if (record === undefined || record.checksum === null || record.size === null) return undefined;
    return { sha512: record.hashValue, md5: record.checksum, size: record.size };
  };
  const own = contentOf(image);
  const contents: Record<ImageId, ImageContent> = { [image.id]: own };
  if (own.sha512 === null) {
    const found = await recorded(image.id);
    if (found?.md5 === own.md5 && found.size === own.size) contents[image.id] = found;
  }
  for (const id of [image.kernelId, image.ramdiskId]) {
    const found = await recorded(id);
    if (id !== null && found !== undefined) contents[id] = found;
  }
  return contents;
}
