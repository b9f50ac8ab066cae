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

/** What a command that runs until it is told to end has to hand. */
export interface Running {
  readonly config: Config;
  readonly log: Log;
  /** Aborted by SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** Called once everything has started. Resolves then. */
  untilStopped(): Promise<void>;
}

/**
 * Loads the configuration, takes the state directory for this process alone, and runs a command in it.
 * @throws {Failure} `conflict` when another process runs on the same state
 */
export async function runUntilStopped(
  asked: ConfigArguments,
  command: (running: Running) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  // Told again, it goes on ending: npm hands on what the terminal, or who ends its group, has told this
  // process too.
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

/** The configuration, and a log that follows it; what nothing reads is logged. */
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
 * The state directory, and where a SQLite file is: only one process may write it. They are made where they
 * are not there.
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
