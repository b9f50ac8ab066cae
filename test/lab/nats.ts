import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const PROGRAM = '/usr/sbin/nats-server';
const START_TIMEOUT_MS = 20_000;

/** A NATS server of a test's own, with JetStream. */
export interface LabNats {
  /** `nats://127.0.0.1:PORT`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, as a power failure. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what it had kept (ends it first if it runs). */
  restart(): Promise<void>;
  /** Ends it and removes what it kept. */
  stop(): Promise<void>;
}

/** Why no NATS server can be started here, as a sentence; undefined when one can. */
export function natsObstacle(): string | undefined {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return undefined;
  } catch {
    return `${PROGRAM} is not installed (Debian's package nats-server)`;
  }
}

/**
 * Starts a NATS server on loopback, its state in a temporary folder.
 * @param options.configFile a configuration of its own, which must enable JetStream; default: no credentials
 * asked for
 * @param options.port default: any free one
 */
export async function startNats(
  options: { readonly configFile?: string; readonly port?: number } = {},
): Promise<LabNats> {
  const folder = await mkdtemp(join(tmpdir(), 'np-nats-'));
  const config = options.configFile ?? join(folder, 'nats.conf');
  if (options.configFile === undefined)
    await writeFile(config, `max_payload: 8MB\njetstream { store_dir: "${join(folder, 'jetstream')}" }\n`);
  let { child, port } = await start(config, options.port ?? -1);
  return {
    get url() {
      return `nats://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      await end(child, 'SIGTERM');
      ({ child, port } = await start(config, port));
    },
    async stop() {
      await end(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param wanted -1 for any free port */
async function start(config: string, wanted: number): Promise<{ child: ChildProcess; port: number }> {
  // It ends with the process that started it, however that ends.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', PROGRAM, '-c', config, '-a', '127.0.0.1', '-p', String(wanted)],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true }, // a ^C at the terminal reaches who started it, which then ends it
  );
  const said: string[] = [];
  let port: number | undefined;
  const ready = Promise.withResolvers<void>();
  createInterface(child.stderr as NonNullable<typeof child.stderr>).on('line', (line) => {
    said.push(line);
    port ??= Number(/Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]) || undefined;
    if (line.includes('Server is ready')) ready.resolve();
  });
  const why = () => said.slice(-5).join('\n');
  child.once('error', (error) => ready.reject(error));
  child.once('exit', () => ready.reject(new Error(`nats-server does not start: ${why()}`)));
  const slow = setTimeout(
    () => ready.reject(new Error(`nats-server is not ready: ${why()}`)),
    START_TIMEOUT_MS,
  );
  try {
    await ready.promise;
  } finally {
    clearTimeout(slow);
  }
  if (port === undefined) throw new Error(`nats-server does not say where it listens: ${why()}`);
  while (!(await accepts(port))) await delay(10);
  child.unref();
  (child.stderr as unknown as { unref(): void }).unref();
  return { child, port };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.ref();
  child.kill(signal);
  await ended;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
