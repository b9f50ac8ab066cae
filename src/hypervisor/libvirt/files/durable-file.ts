import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../../../files/whole-file.ts';
import { diskFailure, isMissing, isPresent } from './failures.ts';

/** The suffix of an incomplete file. */
export const PARTIAL = '.partial';
/** QEMU's user must pass through directories, but nobody else needs to list them. */
const DIRECTORY_MODE = 0o711;

/** Creates a directory with its parents, unless it exists. */
export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
}

/** Syncs a file, so that its content survives a power failure. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Renames a finished file or directory to its real name, and syncs the directory. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/**
 * Calls `make` to write a file under a scratch name, and renames it when it is complete.
 * @throws {Failure} the error of `make`, as a failure about `what`
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

/** Writes a complete file, unless a file of this name exists. @returns whether it was written */
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

/** Whether a file or directory of this name exists. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Gives a file a second name, or copies it if the file system has no links. Does nothing if the name exists.
 */
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
