import { stat } from 'node:fs/promises';
import { makeWhole } from '../files/durable-file.ts';
import { isMissing } from '../files/failures.ts';
import type { GuestFiles } from '../xml/domain-inputs.ts';
import { copyDisk } from './copy-disk.ts';

/**
 * Replaces a file with several names by a copy, so that a disk set shares no inode: release 0.1 linked
 * kernels, ramdisks and discs to the image cache and so to each other. A running guest keeps its open file.
 */
export async function unshare(path: string): Promise<void> {
  try {
    if ((await stat(path)).nlink === 1) return;
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await makeWhole(path, "a copy of the server's disks", (to) => copyDisk({ from: path, to }));
}

/** Replaces the files of a guest that another guest could see. */
export async function unshareBootFiles({ kernel, ramdisk, root }: GuestFiles): Promise<void> {
  for (const shared of [kernel, ramdisk, root.device === 'cdrom' ? root.path : null])
    if (shared !== null) await unshare(shared);
}
