import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = new URL('../..', import.meta.url).pathname;

/** The release before this one: what a cloud runs while it is being upgraded. */
export const PREVIOUS_RELEASE = {
  version: '0.1.0',
  commit: '037d053b351816acd5ec508da0f7ed1b3995faae',
  protocol: 1,
} as const;

/** A release that is checked out. */
export interface Release {
  /** Its root folder. */
  readonly folder: string;
  /** Its `nameplate` command, which Node runs as it is. */
  readonly command: string;
  remove(): Promise<void>;
}

/** Why the previous release cannot be checked out here, as a sentence; undefined when it can. */
export async function previousReleaseObstacle(): Promise<string | undefined> {
  const { version, commit } = PREVIOUS_RELEASE;
  try {
    await run('git', ['-C', ROOT, 'cat-file', '-e', `${commit}^{commit}`]);
    return undefined;
  } catch {
    return `Commit ${commit.slice(0, 7)} (release ${version}) is not in this clone: git fetch --unshallow brings it`;
  }
}

/**
 * Checks the previous release out into a worktree of its own, with the packages of this checkout but its own
 * libvirt-rpc.
 */
export async function checkOutPreviousRelease(): Promise<Release> {
  const parent = await mkdtemp(join(tmpdir(), 'np-release-'));
  const folder = join(parent, 'nameplate');
  await run('git', ['-C', ROOT, 'worktree', 'add', '--detach', folder, PREVIOUS_RELEASE.commit]);
  const packages = join(folder, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (name !== 'libvirt-rpc') await symlink(join(ROOT, 'node_modules', name), join(packages, name));
  await symlink(join(folder, 'packages', 'libvirt-rpc'), join(packages, 'libvirt-rpc'));
  return {
    folder,
    command: join(folder, 'src/cli/nameplate.ts'),
    async remove() {
      await run('git', ['-C', ROOT, 'worktree', 'remove', '--force', folder]);
      await rm(parent, { recursive: true, force: true });
    },
  };
}
