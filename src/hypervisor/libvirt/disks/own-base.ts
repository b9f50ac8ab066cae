import { basename, join } from 'node:path';
import type { ImageSnapshot } from '../../../model/image.ts';
import { exists } from '../files/durable-file.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { isBaseOf, isCacheFile } from './cache-names.ts';
import { withImageFile } from './image-file.ts';

/**
 * The name of a base that only the disk beside it uses. Its content is not verified, so no other server gets
 * it.
 */
export const OWN_BASE = 'disk.base';

/** Where a backing file may be, and which image it may belong to. */
export interface BaseSearch {
  /** The folder of the disk's own set. */
  readonly set: string;
  readonly cache: string;
  /** The image of the disk; null where an older control plane does not send it. */
  readonly image: ImageSnapshot | null;
}

/**
 * The backing file of a disk: its image's file in the image cache, or the set's own base. The guest's QEMU
 * process, or the host that sent the disk, may have changed the disk's header. So of the path in it only the
 * name counts, and it must be a name that the server's image can have: another image of the cache may belong
 * to another project.
 * @returns null for a disk without a backing file, or not in QCOW2
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
    `${disk} names the backing file ${JSON.stringify(named.slice(0, 200))}, which is not an image of this host`,
  );
}
