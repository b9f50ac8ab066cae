import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/declared.ts';
import { loadConfig } from '../config/load.ts';
import { makeFolder } from '../files/make-folder.ts';
import { Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { ConfigArguments } from './arguments.ts';
import { createLog } from './log.ts';
import { releaseStartMemory } from './release-start-memory.ts';
import { lockState } from './state-lock.ts';

/** The parts for a command that runs until it is stopped. */
export interface Running {
  readonly config: Config;
  readonly log: Log;
  /** Aborts on SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** Call it when everything has started. Resolves when the command must stop. */
  untilStopped(): Promise<void>;
}

/**
 * Loads the configuration, locks the state directory for this process, and runs a command.
 * @throws {Failure} `conflict` when another process uses the same state
 */
export async function runUntilStopped(
  asked: ConfigArguments,
  command: (running: Running) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  // A repeated signal changes nothing: npm forwards signals that the terminal, or a supervisor of the process
  // group, has already sent to this process.
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      ending.abort();
      resolve();
    });
  const untilStopped = () => {
    releaseStartMemory();
    return stopped;
  };
  const { config, log } = load(asked);
  const unlock: (() => void)[] = [];
  try {
    for (const folder of await foldersOf(config)) unlock.push(lockState(folder));
    await command({ config, log, stop: ending.signal, untilStopped });
  } catch (error) {
    if (!ending.signal.aborted || !(error instanceof Failure) || error.kind !== 'timed-out') throw error;
  } finally {
    for (const each of unlock) each();
  }
}

/** Loads the configuration and creates its log, which warns of entries without effect. */
export function load(asked: ConfigArguments): { config: Config; log: Log } {
  const { config, warnings } = loadConfig(asked);
  const log = createLog({
    debug: config.DEFAULT.debug,
    json: config.DEFAULT.use_json ?? !process.stderr.isTTY,
    write: (line) => process.stderr.write(line),
  });
  for (const { where, what } of warnings) log('config-ignored', { where, why: what });
  return { config, log };
}

/**
 * The folders that only one process may write: the state directory, and that of a SQLite file. They are
 * created if necessary.
 */
export async function foldersOf({ DEFAULT, database: { connection } }: Config): Promise<Set<string>> {
  const folders = [DEFAULT.state_path];
  if (connection.dialect === 'sqlite' && connection.path !== ':memory:')
    folders.push(dirname(connection.path));
  const real = new Set<string>();
  for (const folder of folders) {
    await makeFolder(folder, 0o711);
    real.add(await realpath(folder));
  }
  return real;
}
