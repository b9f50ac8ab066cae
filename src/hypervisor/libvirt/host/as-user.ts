import { execFile } from 'node:child_process';

/** A user by its ids in the kernel, as libvirt reports them. */
export interface UserNumbers {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whether a user, with all its groups, may access a path (`letter` as in `test`). A process of that user
 * asks the kernel.
 */
export async function mayUser(user: UserNumbers, letter: 'x' | 'w', path: string): Promise<boolean> {
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'];
  return new Promise((resolve) => {
    execFile('setpriv', [...identity, 'test', `-${letter}`, path], { cwd: '/' }, (error) =>
      resolve(error === null),
    );
  });
}
