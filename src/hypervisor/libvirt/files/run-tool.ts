import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import { diskFailure, isMissing } from './failures.ts';

const run = promisify(execFile);

/** Characters of a program's error output that are kept. */
const MAX_ERROR_TEXT = 2000;
/** The message of prlimit, setpriv and bubblewrap for a missing program. */
const NOT_INSTALLED = /(?:failed to execute|execvp) ([\w.-]+): No such file or directory/;

/** A program to run, with a name of its work for error texts. */
export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end.
 * @returns its output
 * @throws {Failure} `unavailable` when it is not installed, `out-of-space` when it reports a full disk,
 *   `timed-out`, else `internal` with its error output for the operator
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
    const errorText = errorTextOf(error);
    const missing = isMissing(error) ? command : NOT_INSTALLED.exec(errorText)?.[1];
    if (missing !== undefined)
      throw new Failure('unavailable', `The compute host could not make ${what}.`, {
        operatorText: `the program ${missing} is not installed`,
        cause: error,
      });
    if (isTimeout(error))
      throw new Failure('timed-out', `Making ${what} took more than ${timeoutMs / 1000} s.`, {
        cause: error,
      });
    if (errorText === '') throw diskFailure(what, error);
    throw diskFailure(what, new Error(errorText, { cause: error }));
  }
}

/** Whether a program was killed by its time limit, and not for too much output. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error && 'killed' in error && 'code' in error)) return false;
  return error.killed === true && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}

/** The error output of a failed program, and the signal that ended it. */
function errorTextOf(error: unknown): string {
  if (!(error instanceof Error && 'stderr' in error) || error.name === 'AbortError') return '';
  const stderr = String(error.stderr).trim().slice(-MAX_ERROR_TEXT);
  const signal = 'code' in error ? signalOf(Number(error.code)) : undefined;
  return signal === undefined ? stderr : `${stderr}\nended by ${signal}`.trim();
}

/** The signal that ended a program, from the exit status of a shell or of bubblewrap. */
function signalOf(status: number): string | undefined {
  const number = status - 128;
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0];
}
