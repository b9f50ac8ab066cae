/**
 * Writes the upgrade fixtures of a release, by running that release's code: see CONTRIBUTING. `node
 * test/upgrade/write-fixtures.ts --from WORKTREE --version VERSION [--case NAME] [--store sqlite|postgresql]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type PostgresServer, startPostgres } from '../lab/postgres.ts';
import { UPGRADE_CASES } from './cases.ts';
import { databaseOf, dumpPostgresql } from './dump-postgresql.ts';
import { dumpSqlite } from './dump-sqlite.ts';
import { type Fixture, packFolder, SCRATCH, type StoreName, writeFixture } from './fixture.ts';

const KILLED_CLOUD = fileURLToPath(new URL('./killed-cloud.ts', import.meta.url));
const STORES: readonly StoreName[] = ['sqlite', 'postgresql'];

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    version: { type: 'string' },
    case: { type: 'string' },
    store: { type: 'string' },
  },
});
if (values.from === undefined || values.version === undefined)
  throw new Error('--from WORKTREE and --version VERSION are needed');
const { version } = values;
const worktree = resolve(values.from);
const stores = STORES.filter((store) => store === (values.store ?? store));
const cases = UPGRADE_CASES.filter(({ name }) => name === (values.case ?? name));

const postgres = stores.includes('postgresql') ? await startPostgres({ below: SCRATCH }) : undefined;
try {
  for (const { name } of cases)
    for (const store of stores) {
      const servers = await writeOne(name, store);
      process.stdout.write(`${store} ${name}: ${servers} servers\n`);
    }
} finally {
  await postgres?.remove();
}

/** @returns how many servers the fixture has */
async function writeOne(name: string, store: StoreName): Promise<number> {
  const folder = await mkdtemp(join(SCRATCH, 'nameplate-upgrade-'));
  try {
    const file = join(folder, 'nameplate.sqlite');
    const connection = store === 'sqlite' ? `sqlite:///${file}` : await postgres!.createDatabase();
    const left = await runUntilKilled([worktree, folder, connection, name]);
    const sql =
      store === 'sqlite' ? dumpSqlite(file) : await dumpAfterKill(postgres!, databaseOf(connection));
    const files = await packFolder(folder, /nameplate\.sqlite/);
    await writeFixture({ release: version, store, case: name, ...left, files, sql }, folder);
    return left.servers.length;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns what it said before it was killed */
async function runUntilKilled(words: readonly string[]): Promise<Pick<Fixture, 'failing' | 'servers'>> {
  const child = spawn(process.execPath, [KILLED_CLOUD, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said = await text(child.stdout);
  const [status, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`the cloud ended with ${status ?? signal}: ${said}`);
  return JSON.parse(said) as Pick<Fixture, 'failing' | 'servers'>;
}

/** The server may still be carrying out what the killed process had sent. */
async function dumpAfterKill(server: PostgresServer, database: string): Promise<string> {
  await server.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${database}'`,
  );
  return dumpPostgresql(server, database);
}
