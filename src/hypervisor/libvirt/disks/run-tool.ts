import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import { diskFailure, isMissing } from './failures.ts';

const run = promisify(execFile);

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
 * @throws {Failure} `unavailable` when it is not installed, `out-of-space` when it says that the disk is full, `timed-out`, else `internal` with its words for the operator.
 */
export async function runTool({ command, args, what, timeoutMs, signal }: ToolRun): Promise<void> {
  try {
    await run(command, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1024 * 1024,
      env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (isMissing(error))
      throw new Failure('unavailable', `The compute host could not make ${what}.`, {
        operatorText: `the program ${command} is not installed`,
        cause: error,
      });
    if (error instanceof Error && 'killed' in error && error.killed === true)
      throw new Failure('timed-out', `Making ${what} took more than ${timeoutMs / 1000} s.`, {
        cause: error,
      });
    throw diskFailure(what, error);
  }
}
