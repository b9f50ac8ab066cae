import { chmod, chown, lstat } from 'node:fs/promises';
import { runTool } from '../files/run-tool.ts';
import { limited } from './limited.ts';
import type { Sandbox, SandboxedRun, SandboxPaths } from './sandbox.ts';

/** The user and group `nobody` of Linux (the kernel's overflow ids). */
const NOBODY = 65534;
const READABLE = 0o444;
const PATHS: SandboxPaths = { source: '/source', target: '/target' };

/** Own namespaces, no terminal, an empty environment, and the end with the agent. */
const APART = [
  ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
  ...['--die-with-parent', '--new-session', '--clearenv'],
  ...['--setenv', 'PATH', '/usr/bin', '--setenv', 'LC_ALL', 'C.UTF-8'],
  // Each of glibc's arenas uses 64 MiB of the memory limit.
  ...['--setenv', 'MALLOC_ARENA_MAX', '2'],
];

/**
 * The visible files beside those of the run: programs and their libraries. There is no /proc, no /etc, and
 * /dev has only null.
 */
const VIEW = [
  ...['--perms', '0755', '--dir', '/usr', '--perms', '0755', '--dir', '/dev'],
  ...['--ro-bind', '/usr/bin', '/usr/bin', '--ro-bind', '/usr/lib', '/usr/lib'],
  ...['--ro-bind-try', '/usr/lib64', '/usr/lib64', '--dev-bind', '/dev/null', '/dev/null'],
  ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
];

/** An ordinary user needs a user namespace to create the others. */
const AS_USER = ['--unshare-user', '--uid', String(NOBODY), '--gid', String(NOBODY)];

/**
 * Root needs no user namespace. It keeps the capabilities to become nobody, which setpriv then drops for
 * ever.
 */
const AS_ROOT = [
  ...['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP'],
];
const BECOME_NOBODY = [
  ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
  ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
];

/**
 * The sandbox of bubblewrap: own mount, network, process, IPC and host name namespaces. A program without
 * privileges sees only /usr/bin, /usr/lib and the two files of its run.
 */
export class BubblewrapSandbox implements Sandbox {
  readonly confines = true;
  readonly #isRoot: boolean;

  /** @param isRoot whether to use root's rights instead of a user namespace */
  constructor(isRoot = process.getuid?.() === 0) {
    this.#isRoot = isRoot;
  }

  async run({ command, args, source, target, limits, ...run }: SandboxedRun): Promise<string> {
    const files = [
      ...(source === undefined ? [] : ['--ro-bind', source, PATHS.source]),
      ...(target === undefined ? [] : ['--bind', target, PATHS.target]),
    ];
    const bubblewrap = [
      ...['bwrap', ...APART, ...VIEW, ...files, '--remount-ro', '/', '--chdir', '/'],
      ...(this.#isRoot ? [...AS_ROOT, '--', ...BECOME_NOBODY] : [...AS_USER, '--']),
      ...[command, ...args(PATHS)],
    ];
    if (source !== undefined) await makeReadable(source);
    return this.#lent(target, () =>
      runTool({ ...run, command: 'prlimit', args: limited(limits, bubblewrap) }),
    );
  }

  /** Gives the target to `nobody` during the run, because nobody cannot write root's files. */
  async #lent<Result>(target: string | undefined, use: () => Promise<Result>): Promise<Result> {
    if (target === undefined || !this.#isRoot) return use();
    const { uid, gid } = await lstat(target);
    await chown(target, NOBODY, NOBODY);
    try {
      return await use();
    } finally {
      await chown(target, uid, gid);
    }
  }
}

async function makeReadable(path: string): Promise<void> {
  const { mode } = await lstat(path);
  if ((mode & READABLE) !== READABLE) await chmod(path, (mode & 0o777) | READABLE);
}
