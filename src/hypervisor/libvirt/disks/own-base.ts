import { basename, join } from 'node:path';
import type { ImageSnapshot } from '../../../model/image.ts';
import { exists } from '../files/durable-file.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { isBaseOf, isCacheFile } from './cache-names.ts';
import { withImageFile } from './image-file.ts';

/**
 * The name of a base in a disk set whose only user is the disk beside it: nobody vouches for it, so no other
 * server gets it.
 */
export const OWN_BASE = 'disk.base';

/** Where the file below a disk may be, and which image's it may be. */
export interface BaseSearch {
  /** The folder of the disk's own set. */
  readonly set: string;
  readonly cache: string;
  /** The image that the disk was made of; null where an older control plane does not say. */
  readonly image: ImageSnapshot | null;
}

/**
 * The file below a disk: its image's in the image cache, or the set's own. The disk's header is in the hands
 * of the guest's QEMU process and of the host that the disk came from. So of the path in it only the name
 * counts, and of names only those that the control plane's image can have: another image of the cache may be
 * another project's.
 * @returns null for a disk that stands alone, or is not QCOW2
 * @throws when the header names another file
 */
export async function baseOf(disk: string, { set, cache, image }: BaseSearch): Promise<string | null> {
  const named = await withImageFile(disk, async (bytes) =>
    (await qcow2.matches(bytes)) ? qcow2BackingFile(bytes) : null,
  );
  if (named === null) return null;
  const name = basename(named);
  const isOwn = name === OWN_BASE;
  const path = join(isOwn ? set : cache, name);
  if ((isOwn || isCacheFile(name)) && (await exists(path))) {
    if (isOwn || image === null || isBaseOf(name, image)) return path;
    throw new Error(`${disk} names the backing file ${name}, which is not that of image ${image.id}`);
  }
  throw new Error(
    `${disk} names the backing file ${JSON.stringify(named.slice(0, 200))}, which is no image of this host`,
  );
}
