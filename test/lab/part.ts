import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const COMMAND = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;
const READY = /is ready(?:: (?<url>\S+))?$/;
const READY_TIMEOUT_MS = 60_000;

/**
 * A part of a cloud as a process of its own: `nameplate serve` or `nameplate agent`, as an operator starts
 * it.
 */
export interface Part {
  readonly pid: number;
  /** Where its APIs listen; empty for an agent. */
  readonly url: string;
  /** What it logged so far, in lines. */
  readonly logged: readonly string[];
  /** Ends it and waits until it has ended. @returns its exit status, null when a signal ended it */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit status when it ends by itself. */
  readonly ended: Promise<number | null>;
}

export interface PartOptions {
  /** A command that runs it somewhere else, such as nsenter with its options. */
  readonly inside?: readonly string[];
  /** A file that its log is added to. */
  readonly logFile?: string;
  /** The `nameplate` command of another release; by default that of this checkout. */
  readonly command?: string;
}

/**
 * Starts `nameplate` with these words and waits until it says that it is ready.
 * @throws Error with what it logged, when it ends before that or is not ready within a minute
 */
export async function startPart(words: readonly string[], options: PartOptions = {}): Promise<Part> {
  // It ends with the process that started it, however that ends, also where another one stands between.
  const lifeline = ['setpriv', '--pdeathsig', 'TERM'];
  const inside = options.inside === undefined ? [] : [...lifeline, ...options.inside];
  const whole = [...inside, ...lifeline, process.execPath, options.command ?? COMMAND, ...words];
  const [program = '', ...args] = whole;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a ^C at the terminal reaches who started it, which then ends it
  });
  const logged: string[] = [];
  createInterface(child.stderr).on('line', (line) => void logged.push(line));
  if (options.logFile !== undefined) child.stderr.pipe(createWriteStream(options.logFile, { flags: 'a' }));
  const ended = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)));
  const url = await readyWord(child, { ended, logged, words });
  const pid = child.pid ?? 0;
  return {
    pid,
    ...{ url, logged, ended },
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null)
        process.kill(options.inside === undefined ? pid : await onlyChildOf(pid), signal);
      return ended;
    },
  };
}

/** What nsenter runs: a signal to nsenter itself is not handed on. */
async function onlyChildOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()) || pid;
}

async function readyWord(
  child: ChildProcess,
  of: { ended: Promise<unknown>; logged: readonly string[]; words: readonly string[] },
): Promise<string> {
  const said = Promise.withResolvers<string>();
  createInterface(child.stdout as NonNullable<typeof child.stdout>).on('line', (line) => {
    const match = READY.exec(line);
    if (match !== null) said.resolve(match.groups?.url ?? '');
  });
  const failed = (what: string) =>
    new Error(`nameplate ${of.words.join(' ')} ${what}:\n${of.logged.slice(-20).join('\n')}`);
  const late = setTimeout(() => said.reject(failed('is not ready')), READY_TIMEOUT_MS);
  void of.ended.then(() => said.reject(failed('ended')));
  child.once('error', said.reject);
  try {
    return await said.promise;
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
}
