import { execFile } from 'node:child_process';

/** A user as the kernel and libvirt know it. */
export interface UserNumbers {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whether a process of another user, with all its groups, may do this to a path (`test`'s letter): asked of
 * the kernel in its place.
 */
export async function mayUser(user: UserNumbers, letter: 'x' | 'w', path: string): Promise<boolean> {
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'];
  return new Promise((resolve) => {
    execFile('setpriv', [...identity, 'test', `-${letter}`, path], { cwd: '/' }, (error) =>
      resolve(error === null),
    );
  });
}
