import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';

/** How a file is called that is not whole yet. Nobody but its one writer looks at it. */
const NEW = '.new';
const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;

/**
 * Writes a file whole or not at all, also when the disk is full, the process is killed, or the power fails:
 * it is written beside, synced and renamed, and then its directory is synced. One writer at a time. Files
 * that hold state are written by this function only.
 * @param mode by default only the owner may read it
 * @throws {Failure} `out-of-space`, `unavailable`: one sentence that names the file; what was there before
 * stays
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const scratch = `${path}${NEW}`;
  try {
    const file = await open(scratch, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, mode);
    try {
      await writeAndSync(file, { content, mode });
    } catch (error) {
      // What a write tells has no path.
      throw Object.assign(error as Error, { path: scratch });
    } finally {
      await file.close();
    }
    await rename(scratch, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(scratch, { force: true }).catch(() => {});
    throw fileFailure(error) ?? error;
  }
}

async function writeAndSync(
  file: FileHandle,
  { content, mode }: { readonly content: string | Uint8Array; readonly mode: number },
): Promise<void> {
  await file.chmod(mode); // one that a crash left may have another
  await file.writeFile(content);
  await file.sync();
}

/** Makes what was renamed or made in a directory outlast a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
