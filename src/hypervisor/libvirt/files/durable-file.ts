import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../../../files/whole-file.ts';
import { diskFailure, isMissing, isPresent } from './failures.ts';

/** How a file is called that is not whole yet. */
export const PARTIAL = '.partial';
/** Search but not list: QEMU's user has to pass through, and nobody has to look around. */
const DIRECTORY_MODE = 0o711;

/** Makes a directory and those above it; there already is fine. */
export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
}

/** Makes a file's content outlast a power failure. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a finished file or directory its real name, for good. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/**
 * Lets `make` write a file of another name, and gives it its own when it is whole.
 * @throws {Failure} what `make` throws, as a failure of `what`
 */
export async function makeWhole(
  path: string,
  what: string,
  make: (scratch: string) => Promise<void>,
): Promise<void> {
  const scratch = `${path}.${randomUUID()}${PARTIAL}`;
  try {
    await make(scratch);
    await renameDurably(scratch, path);
  } catch (error) {
    throw diskFailure(what, error);
  } finally {
    await rm(scratch, { force: true });
  }
}

/**
 * Writes a whole file unless there is one of this name already.
 * @returns whether it was written
 */
export async function writeOnce(path: string, content: string): Promise<boolean> {
  const scratch = `${path}.${randomUUID()}${PARTIAL}`;
  const file = await open(scratch, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    await link(scratch, path);
  } catch (error) {
    if (isPresent(error)) return false;
    throw error;
  } finally {
    await file.close();
    await rm(scratch, { force: true });
  }
  await syncDirectory(dirname(path));
  return true;
}

/** Whether there is a file or directory of this name. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Gives a file a second name; where the file system cannot, a copy. There already is fine. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isPresent(error)) return;
    if (isMissing(error)) throw error;
    await makeWhole(to, `a copy of ${from}`, async (scratch) => {
      await copyFile(from, scratch, constants.COPYFILE_FICLONE);
      await syncFile(scratch);
    });
  }
}
