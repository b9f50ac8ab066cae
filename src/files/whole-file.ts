import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';

/** The suffix of an incomplete file. Only its writer uses it. */
const NEW = '.new';
const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;

/**
 * Writes a file completely or not at all, also if the disk is full, the process is killed or the power
 * fails: it writes a new file, syncs and renames it, and syncs the directory. One writer at a time. Use it
 * for every file that holds state.
 * @param mode by default only the owner may read the file
 * @throws {Failure} `out-of-space`, `unavailable`: one sentence that names the file; the previous content
 *   stays
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const scratch = `${path}${NEW}`;
  try {
    const file = await open(scratch, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, mode);
    try {
      await writeAndSync(file, { content, mode });
    } catch (error) {
      // Errors of `write` have no path.
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
  await file.chmod(mode); // a leftover of a crash may have another mode
  await file.writeFile(content);
  await file.sync();
}

/** Syncs a directory, so that renamed and new files in it survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
