import { stat } from 'node:fs/promises';
import { copyDisk } from './copy-disk.ts';
import { makeWhole } from './durable-file.ts';
import { isMissing } from './failures.ts';

/**
 * Makes a file of a disk set that set's alone, if it has other names: release 0.1 linked kernels, ramdisks and discs to the image cache and
 * so to each other. A guest that runs goes on with the file that it has open.
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
