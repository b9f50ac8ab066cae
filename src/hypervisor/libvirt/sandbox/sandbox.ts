/** Paths of the two files inside the sandbox. */
export interface SandboxPaths {
  readonly source: string;
  readonly target: string;
}

/** Limits of a confined program, which the kernel enforces. */
export interface SandboxLimits {
  /** Bytes of address space (RLIMIT_AS). */
  readonly memory: number;
  /** Seconds of processor time (RLIMIT_CPU). */
  readonly cpuSeconds: number;
  /** Maximum bytes of a file that it writes (RLIMIT_FSIZE); 0 when it writes none. */
  readonly fileSize: number;
}

/** One run of a program on bytes that a user or another host controls. */
export interface SandboxedRun {
  /** Name of a program in /usr/bin. */
  readonly command: string;
  /** Its arguments. They must name files by `paths`, never by their paths on the host. */
  readonly args: (paths: SandboxPaths) => readonly string[];
  /**
   * The file that it may read. The file becomes readable for everybody, because the program runs as nobody.
   */
  readonly source?: string;
  /**
   * The file that it may write. The file must exist and have no other name. It belongs to `nobody` during
   * the run.
   */
  readonly target?: string;
  readonly limits: SandboxLimits;
  /** The result of the program, for error texts: "a disk from the image". */
  readonly what: string;
  /** Time limit in milliseconds, after which all processes of the run are killed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs programs that read untrusted bytes (`qemu-img`). Implementations: `BubblewrapSandbox`, and
 * `NoSandbox` for hosts without namespaces. `openSandbox` chooses one.
 */
export interface Sandbox {
  /**
   * False when programs have the agent's own rights. Then only formats without references to files are
   * allowed.
   */
  readonly confines: boolean;
  /**
   * Runs a program to its end.
   * @returns its output
   * @throws {Failure} `unavailable` when the program is not installed, `out-of-space` when the disk is full,
   *   `timed-out` after `timeoutMs` or an abort, else `internal`, with the program's error output for the
   *   operator
   */
  run(run: SandboxedRun): Promise<string>;
}
