import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; one that is there stays as it is. (`mkdir` with `recursive` never ends
 * where the kernel lets nobody make one, as below /proc.)
 * @throws what the file system says
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
