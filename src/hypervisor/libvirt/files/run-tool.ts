import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import { diskFailure, isMissing } from './failures.ts';

const run = promisify(execFile);

/** Characters of a program's complaint that are kept. */
const MAX_COMPLAINT = 2000;
/** How prlimit, setpriv and bubblewrap say that a program is not there. */
const NOT_INSTALLED = /(?:failed to execute|execvp) ([\w.-]+): No such file or directory/;

/** A program to run, and what it makes, for sentences. */
export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end.
 * @returns what it printed
 * @throws {Failure} `unavailable` when it is not installed, `out-of-space` when it says that the disk is
 * full, `timed-out`, else `internal` with its words for the operator.
 */
export async function runTool({ command, args, what, timeoutMs, signal }: ToolRun): Promise<string> {
  try {
    const { stdout } = await run(command, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1024 * 1024,
      env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
      ...(signal === undefined ? {} : { signal }),
    });
    return stdout;
  } catch (error) {
    const complaint = complaintOf(error);
    const missing = isMissing(error) ? command : NOT_INSTALLED.exec(complaint)?.[1];
    if (missing !== undefined)
      throw new Failure('unavailable', `The compute host could not make ${what}.`, {
        operatorText: `the program ${missing} is not installed`,
        cause: error,
      });
    if (isTimeout(error))
      throw new Failure('timed-out', `Making ${what} took more than ${timeoutMs / 1000} s.`, {
        cause: error,
      });
    if (complaint === '') throw diskFailure(what, error);
    throw diskFailure(what, new Error(complaint, { cause: error }));
  }
}

/** Whether a program was killed for the time that it took, and not for printing without end. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error && 'killed' in error && 'code' in error)) return false;
  return error.killed === true && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}

/** What a program that failed wrote to its standard error, and the signal that ended it. */
function complaintOf(error: unknown): string {
  if (!(error instanceof Error && 'stderr' in error) || error.name === 'AbortError') return '';
  const stderr = String(error.stderr).trim().slice(-MAX_COMPLAINT);
  const signal = 'code' in error ? signalOf(Number(error.code)) : undefined;
  return signal === undefined ? stderr : `${stderr}\nended by ${signal}`.trim();
}

/** A shell's way, and bubblewrap's, to say by which signal a program ended. */
function signalOf(status: number): string | undefined {
  const number = status - 128;
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0];
}
