import { basename, join } from 'node:path';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { isCacheFile } from './cache-names.ts';
import { exists } from './durable-file.ts';
import { withImageFile } from './image-file.ts';

/** The name of a base in a disk set whose only user is the disk beside it: nobody vouches for it, so no other server gets it. */
export const OWN_BASE = 'disk.base';

/**
 * The file below a disk, by the disk's header: one of the image cache, or the set's own. The header is in the hands of the guest's QEMU process
 * and of the host that the disk came from, so of the path that it names only the name counts.
 * @returns null for a disk that stands alone, or is not QCOW2
 * @throws when the header names another file
 */
export async function baseOf(
  disk: string,
  { set, cache }: { readonly set: string; readonly cache: string },
): Promise<string | null> {
  const named = await withImageFile(disk, async (image) =>
    (await qcow2.matches(image)) ? qcow2BackingFile(image) : null,
  );
  if (named === null) return null;
  const name = basename(named);
  const path = name === OWN_BASE ? join(set, name) : join(cache, name);
  if ((name === OWN_BASE || isCacheFile(name)) && (await exists(path))) return path;
  throw new Error(
    `${disk} names the backing file ${JSON.stringify(named.slice(0, 200))}, which is no image of this host`,
  );
}
