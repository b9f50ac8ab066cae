import { link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, isPresent } from '../files/failures.ts';
import { basesInUse } from './bases-in-use.ts';
import { isCacheFile } from './cache-names.ts';
import type { CacheUses } from './cache-uses.ts';

/** The suffix of a file during the last check before its removal. */
const UNUSED = '.unused';

export interface UnusedImagesOptions {
  /** The cache folder. */
  readonly directory: string;
  /** The folder with all disks that may refer to a file of the cache. */
  readonly instancesDir: string;
  readonly uses: CacheUses;
  /** Milliseconds since the last use. */
  readonly minimumAgeMs: number;
  /** Epoch milliseconds */
  readonly now: () => number;
}

interface Candidate {
  readonly name: string;
  /** Time of the last use. Epoch milliseconds. */
  readonly usedAt: number;
}

/**
 * Removes files of the cache that no disk refers to and that were not used for a while. It renames a file
 * first and then searches all disks again. If a disk was made in between, also by another host that shares
 * the folder, the file gets its name back.
 * @returns names of the removed files
 * @throws when a disk cannot be read; nothing is removed then
 */
export async function removeUnusedImages(options: UnusedImagesOptions): Promise<string[]> {
  const { directory, instancesDir, uses } = options;
  const old = await oldFiles(options);
  if (old.length === 0) return [];
  const used = await basesInUse(instancesDir);
  const unused = old.filter(({ name }) => !used.has(name) && !uses.isHeld(name));
  const names = unused.map(({ name }) => name);
  return uses.whileRemoving(names, async () => {
    try {
      for (const name of names)
        await rename(join(directory, name), join(directory, name + UNUSED)).catch(unlessMissing);
      const stillUsed = unused.length === 0 ? new Set<string>() : await basesInUse(instancesDir);
      const removed: string[] = [];
      for (const { name, usedAt } of unused) {
        const path = join(directory, name + UNUSED);
        const isUnused = !stillUsed.has(name) && !uses.isHeld(name) && (await usedAtOf(path)) === usedAt;
        if (!isUnused) continue;
        await rm(path, { force: true });
        removed.push(name);
      }
      return removed;
    } finally {
      if (names.length > 0) await restoreImage(directory);
    }
  });
}

/** Renames files back whose removal was interrupted by the end of a process. */
export async function restoreImage(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(UNUSED)) continue;
    const path = join(directory, name);
    try {
      await link(path, path.slice(0, -UNUSED.length));
    } catch (error) {
      if (!isPresent(error) && !isMissing(error)) throw error;
    }
    await rm(path, { force: true });
  }
}

async function oldFiles({ directory, minimumAgeMs, now }: UnusedImagesOptions): Promise<Candidate[]> {
  const old: Candidate[] = [];
  for (const name of (await readdir(directory)).filter(isCacheFile)) {
    const usedAt = await usedAtOf(join(directory, name));
    if (usedAt !== undefined && now() - usedAt >= minimumAgeMs) old.push({ name, usedAt });
  }
  return old;
}

async function usedAtOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(unlessMissing);
  // In whole milliseconds, as `now`: a file that was just written is not from the future.
  return found && Math.floor(found.mtimeMs);
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
