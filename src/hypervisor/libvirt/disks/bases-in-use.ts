import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isMissing } from '../files/failures.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { CONSOLE_LOG, DISK_FILES } from './file-names.ts';
import { withImageFile } from './image-file.ts';

/** `<instances>/<server>/<set>/<file>`, and one more level for files of an operator. */
const MAX_CHAIN_DEPTH = 4;
const { root, ...OTHER_FILES } = DISK_FILES;
/**
 * Files without a backing file. The guest or its image controls their content, so a QCOW2 header in them
 * must be ignored.
 */
const STAND_ALONE: ReadonlySet<string> = new Set(Object.values(OTHER_FILES));

/**
 * The names of all backing files of QCOW2 disks in a folder, at any depth: of guests, of disk sets kept for
 * a revert, and of incomplete sets. Names count whatever folder they are in, because several paths may lead
 * to the same folder.
 * @throws when a disk cannot be read, because its backing file is then unknown
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

/** The backing file in a disk's header; null for a disk without one, or not in QCOW2. */
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
