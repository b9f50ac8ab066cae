/** Paths of the two files as the confined program knows them. */
export interface SandboxPaths {
  readonly source: string;
  readonly target: string;
}

/** What a confined program may use before the kernel stops it. */
export interface SandboxLimits {
  /** Bytes of address space (RLIMIT_AS). */
  readonly memory: number;
  /** Seconds of processor time (RLIMIT_CPU). */
  readonly cpuSeconds: number;
  /** Bytes that any file it writes may have (RLIMIT_FSIZE); 0 when it writes none. */
  readonly fileSize: number;
}

/** One run of a program over bytes that a user, or another host, chose. */
export interface SandboxedRun {
  /** Name of a program in /usr/bin. */
  readonly command: string;
  /** Its arguments; files are named by `paths`, never by their paths on the host. */
  readonly args: (paths: SandboxPaths) => readonly string[];
  /** The file it may read. It is made readable for everybody if it is not: the program runs as nobody. */
  readonly source?: string;
  /**
   * The file it may write, which must exist and have no other name; it belongs to `nobody` during the run.
   */
  readonly target?: string;
  readonly limits: SandboxLimits;
  /** What the program makes, for sentences: "a disk from the image". */
  readonly what: string;
  /** Milliseconds of wall time; then all processes of the run are killed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Where programs run that read foreign bytes (`qemu-img`). Implementations: `BubblewrapSandbox`, and
 * `NoSandbox` for hosts without namespaces. `openSandbox` finds out which of them a host can have.
 */
export interface Sandbox {
  /**
   * False when programs run with the agent's own rights: then only formats without references may be read.
   */
  readonly confines: boolean;
  /**
   * Runs a program to its end.
   * @returns what it printed
   * @throws {Failure} `unavailable` when the program is not installed, `out-of-space` when the disk is full,
   * `timed-out` after `timeoutMs` or an abort, else `internal`, with the program's own words for the operator
   */
  run(run: SandboxedRun): Promise<string>;
}
