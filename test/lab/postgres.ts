import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL server of one's own, with no databases but its own. */
export interface PostgresServer {
  readonly port: number;
  /** Where its unix socket is. */
  readonly directory: string;
  /** Makes an empty database. @returns the URL of it, over the unix socket or over loopback */
  createDatabase(over?: 'socket' | 'loopback'): Promise<string>;
  /** Runs a statement as the superuser. @returns its rows, fields parted by `|` */
  query(sql: string, database?: string): Promise<string[]>;
  /** Runs one of PostgreSQL's own client programs, connected as the superuser. @returns what it prints */
  run(program: 'psql' | 'pg_dump', args: readonly string[]): Promise<string>;
  /** Ends it: `fast` closes all connections in order, `immediate` is SIGQUIT, `SIGKILL` is as a crash. */
  stop(how?: 'fast' | 'immediate' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same files; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it and removes all it had. */
  remove(): Promise<void>;
}

export interface PostgresOptions {
  /** Below which folder its files are. */
  readonly below?: string;
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
}

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', SIGKILL: 'SIGKILL' } as const;
const SUPERUSER = 'lab';

/** Where Debian keeps the programs of the newest version that is installed. */
async function programs(): Promise<string> {
  const found = await Array.fromAsync(glob('/usr/lib/postgresql/*/bin/postgres'));
  const newest = found.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined)
    throw new Error('PostgreSQL is not installed: apt-get install --no-install-recommends postgresql');
  return newest.slice(0, -'/postgres'.length);
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Makes a cluster in a temporary folder and starts it. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const [bin, as, port] = [await programs(), await unprivileged(), await freePort()];
  const directory = await mkdtemp(join(options.below ?? tmpdir(), 'nameplate-pg-'));
  const data = join(directory, 'data');
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (as !== undefined) for (const path of [directory, passwordFile]) await chown(path, as.uid, as.gid);
  await chmod(directory, 0o755);
  await run(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      SUPERUSER,
      '-E',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
      '-A',
      'scram-sha-256',
      '--auth-local',
      'trust',
      '--pwfile',
      passwordFile,
    ],
    { ...as, cwd: directory },
  );
  const settings = [
    `port = ${port}`,
    `unix_socket_directories = '${directory}'`,
    "listen_addresses = '127.0.0.1'",
    'max_connections = 200',
    ...(options.settings ?? []),
  ];
  await writeFile(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
  let server: ChildProcess | undefined;
  let databases = 0;

  async function runClient(program: 'psql' | 'pg_dump', args: readonly string[]): Promise<string> {
    const to = ['-h', directory, '-p', String(port), '-U', SUPERUSER];
    const { stdout } = await run(join(bin, program), [...to, ...args], { maxBuffer: 2 ** 30 });
    return stdout;
  }

  async function query(sql: string, database = 'postgres'): Promise<string[]> {
    const stdout = await runClient('psql', ['-d', database, '-XAtqc', sql]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  const lab: PostgresServer = {
    port,
    directory,
    query,
    run: runClient,
    async createDatabase(over = 'socket') {
      const name = `lab_${databases++}`;
      await query(`create database ${name}`);
      return over === 'socket'
        ? `postgresql://${SUPERUSER}@localhost/${name}?host=${directory}&port=${port}`
        : `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}`;
    },
    async start() {
      // It ends with the process that started it, however that ends; a ^C at the terminal reaches that one
      // only.
      server = spawn('setpriv', ['--pdeathsig', 'QUIT', join(bin, 'postgres'), '-D', data], {
        ...as,
        cwd: directory,
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      });
      await untilReady(server);
    },
    async stop(how = 'fast') {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      const backends = how === 'SIGKILL' ? await childrenOf(server.pid) : [];
      server.kill(SIGNALS[how]);
      await gone;
      for (const backend of backends) endProcess(backend); // each would serve its connection until it sees that it is alone
      await Promise.all(backends.map(untilEnded));
    },
    async remove() {
      await lab.stop('immediate');
      await rm(directory, { recursive: true });
    },
  };
  try {
    await lab.start();
    return lab;
  } catch (error) {
    await lab.remove();
    throw error;
  }
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Nobody tells of the end of a process that is not one's child. One that has ended and is not reaped yet
 * serves nobody.
 */
async function untilEnded(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (state === '' || /\) [ZX] /.test(state)) return;
    await delay(5);
  }
}

/** The server says on its log when it takes connections. */
async function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
    if (said.includes('ready to accept connections')) resolve();
  });
  server.once('error', reject);
  server.once('exit', (code) =>
    reject(new Error(`PostgreSQL ended with ${code} before it was ready: ${said}`)),
  );
  await promise;
}
