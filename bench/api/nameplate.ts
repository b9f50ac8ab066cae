import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Login } from './cloud.ts';

/** The service in a process of its own, on the simulated driver. */
export interface RunningNameplate {
  readonly pid: number;
  readonly login: Login;
  /** Milliseconds from the start of its process to the first answer. */
  readonly readyAfter: number;
  stop(): Promise<void>;
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/**
 * How to start it: by the script, which becomes the service itself, or, for the time that a user waits, by
 * `npm start`.
 */
const COMMANDS = {
  script: ['setup/run.sh', 'start'],
  npm: ['npm', 'start', '--silent', '--'],
} as const;

/**
 * Starts the service in a folder, without quotas, and waits until it has answered once.
 * @param connection of a PostgreSQL database; without it SQLite in the folder
 */
export async function startNameplate(
  folder: string,
  {
    by = 'script',
    connection,
  }: { readonly by?: keyof typeof COMMANDS; readonly connection?: string | undefined } = {},
): Promise<RunningNameplate> {
  const config = join(folder, 'bench.conf');
  const database = connection === undefined ? '' : `[database]\nconnection = ${connection}\n`;
  await writeFile(config, `[quota]\ninstances = -1\ncores = -1\nram = -1\n${database}`);
  const state = join(folder, 'state');
  const [command, ...words] = COMMANDS[by];
  const options = [
    '--state-dir',
    state,
    '--listen',
    '127.0.0.1:0',
    '--driver',
    'simulated',
    '--config-file',
    config,
  ];
  const began = performance.now();
  const child = spawn(command!, [...words, ...options], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'inherit'],
    // npm and its shell pass no signal on: they are ended as a group.
    detached: by === 'npm',
  });
  const kill = () => {
    if (by === 'npm') process.kill(-child.pid!, 'SIGTERM');
    else child.kill('SIGTERM');
  };
  // A bench that fails leaves nothing running.
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const url = await urlOf(child);
  await fetch(`${url}/compute/`);
  const readyAfter = performance.now() - began;
  const password = (await readFile(join(state, 'admin-password'), 'utf8')).trim();
  const names = { username: 'admin', project: 'admin', userDomain: 'Default', projectDomain: 'Default' };
  return {
    pid: child.pid!,
    login: { authUrl: `${url}/identity/v3`, password, ...names },
    readyAfter,
    stop: async () => {
      const ended = once(child, 'exit');
      kill();
      await ended;
    },
  };
}

async function urlOf(child: ChildProcess): Promise<string> {
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout!.on('data', (text: Buffer) => {
    said += text;
    const url = /URL +(http:\S+)/.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  });
  child.once('exit', (code) => reject(new Error(`nameplate ended with ${code}: ${said}`)));
  return promise;
}
