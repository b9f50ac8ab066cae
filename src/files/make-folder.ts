import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a folder with its parents. An existing folder stays unchanged. (`mkdir` with `recursive` loops for
 * ever where the kernel refuses new folders, as below /proc.)
 * @throws the error of the file system
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  const error = await attempt(path, mode);
  if (error === undefined) return;
  if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return;
  if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
  await makeFolder(dirname(path), mode);
  const again = await attempt(path, mode);
  if (again !== undefined && again.code !== 'EEXIST') throw again;
}

async function attempt(path: string, mode: number): Promise<NodeJS.ErrnoException | undefined> {
  return mkdir(path, { mode }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
}
