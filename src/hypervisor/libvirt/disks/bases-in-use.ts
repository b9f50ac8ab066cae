import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isMissing } from '../files/failures.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { CONSOLE_LOG, DISK_FILES } from './file-names.ts';
import { withImageFile } from './image-file.ts';

/** `<instances>/<server>/<set>/<file>`, and one more for what an operator put there. */
const MAX_CHAIN_DEPTH = 4;
const { root, ...OTHERS } = DISK_FILES;
/**
 * Files that lie over nothing, and whose content is the guest's or its image's: a header in one is there to
 * mislead.
 */
const STAND_ALONE: ReadonlySet<string> = new Set(Object.values(OTHERS));

/**
 * The names of all files that a QCOW2 disk in a folder, or in one within it, has as its backing file: of
 * guests that run or are stopped, of sets that are kept for going back, and of sets that are only half made.
 * A name counts whatever folder it is in, for the same folder may be known by several paths.
 * @throws when a disk cannot be read: then nobody knows what it needs
 */
export async function basesInUse(folder: string): Promise<Set<string>> {
  const used = new Set<string>();
  await collect(folder, MAX_CHAIN_DEPTH, used);
  return used;
}

async function collect(folder: string, depth: number, used: Set<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(noneIfMissing)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) await collect(path, depth - 1, used);
    else if (entry.isFile() && !standsAlone(entry.name)) {
      const backing = await backingFileOf(path).catch(nullIfMissing);
      if (backing !== null) used.add(basename(backing));
    }
  }
}

function standsAlone(name: string): boolean {
  return STAND_ALONE.has(name) || name === CONSOLE_LOG || name.startsWith(`${CONSOLE_LOG}.`);
}

/** The backing file that a disk's header names; null when it has none, or is no QCOW2 disk. */
async function backingFileOf(path: string): Promise<string | null> {
  return withImageFile(path, async (image) =>
    (await qcow2.matches(image)) ? qcow2BackingFile(image) : null,
  );
}

function noneIfMissing(error: unknown): Dirent[] {
  if (isMissing(error)) return [];
  throw error;
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
