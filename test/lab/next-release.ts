import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Release } from './previous-release.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const COPIED = ['src', 'demo-image'];

/** A copy of this checkout that calls itself another version: what a cloud is upgraded to. */
export async function nextRelease(version: string): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), 'np-next-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'packages']) await symlink(join(ROOT, name), join(folder, name));
  const about = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as object;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...about, version }));
  return {
    folder,
    command: join(folder, 'src/cli/nameplate.ts'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
