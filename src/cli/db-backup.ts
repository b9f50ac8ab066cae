import { existsSync } from 'node:fs';
import { access, constants, lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { Failure } from '../model/failure.ts';
import { requireKnownVersion } from '../store/migrations/migrate.ts';
import { openStore } from '../store/open.ts';
import { dumpPostgresql, restorePostgresql } from '../store/postgresql/postgresql-backup.ts';
import type { Store } from '../store/promise/store.ts';
import { copySqlite, type SqliteCopy } from '../store/sqlite/sqlite-backup.ts';
import type { BackupArguments, ConfigArguments, RestoreArguments } from './arguments.ts';
import { requireDatabase, withStore } from './configured-store.ts';
import { foldersOf, load } from './running.ts';
import { lockState } from './state-lock.ts';
import type { Terminal } from './terminal.ts';

/** Interval of progress messages of a long copy. Milliseconds. */
const PROGRESS_MS = 2_000;

/**
 * Writes a snapshot of the configured database to a file. Services may be running.
 * @throws {Failure} `not-found` when there is no database, `conflict` when the file exists and `force` is
 *   not set
 */
export async function dbBackup(request: BackupArguments, terminal: Terminal): Promise<void> {
  const { config } = load(request);
  const { connection } = config.database;
  const to =
    request.to ??
    join(config.DEFAULT.state_path, 'backup', `nameplate-${nowInName()}.${EXTENSION[connection.dialect]}`);
  requireDatabase(config);
  if (existsSync(to) && !request.force)
    throw new Failure('conflict', `${to} exists: name another file with --to, or replace it with --force.`);
  await requireFile(to);
  await makeFolder(dirname(to), 0o700);
  if (connection.dialect === 'postgresql') await dumpPostgresql({ url: connection.url, to });
  else await copySqlite({ from: connection.path, to, onProgress: printer('copied', terminal) });
  terminal.out(
    `The database was copied to ${to}.\nIt does not hold the data of images (${config.image.filesystem_store_datadir}) nor the disks of guests: docs/backup.md says how to copy them.\n`,
  );
}

/**
 * Replaces the configured database by a backup. A replaced SQLite file is kept beside it.
 * @throws {Failure} `conflict` when a service uses the state directory or the database, or when a database
 *   exists and `force` is not set; `invalid` when a newer Nameplate wrote the backup
 */
export async function dbRestore(request: RestoreArguments, terminal: Terminal): Promise<void> {
  const { config } = load(request);
  const { connection } = config.database;
  await access(request.from, constants.R_OK);
  const unlock: (() => void)[] = [];
  try {
    for (const folder of await foldersOf(config)) unlock.push(lockState(folder));
    if (connection.dialect === 'postgresql')
      await restorePostgresql({
        ...{ url: connection.url, from: request.from, force: request.force },
        checkVersion: requireKnownVersion,
      });
    else await restoreSqlite({ path: sqlitePath(connection.path), request, terminal });
    if (connection.dialect === 'postgresql') await withStore(config, markRestored);
  } finally {
    for (const each of unlock) each();
  }
  terminal.out(
    `The database was restored from ${request.from}. Guests and disks that it does not know of are kept until you have compared it with the hosts (docs/backup.md) and run \`nameplate db confirm-restore\`.\n`,
  );
}

/** Allows the service again to delete guests and disks that the database does not know. */
export async function dbConfirmRestore(request: ConfigArguments, terminal: Terminal): Promise<void> {
  const { config } = load(request);
  const confirmed = await withStore(config, (store) => store.restored.confirm());
  terminal.out(confirmed ? 'The restore is confirmed.\n' : 'There is no restore to confirm.\n');
}

/**
 * Refuses devices such as /dev/null: a backup is renamed to its final name, and root could replace a device.
 */
async function requireFile(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined || there.isFile() || there.isSymbolicLink()) return;
  throw new Failure(
    'invalid',
    `--to ${path}: accepted is the path of a file; there is something else of that name.`,
  );
}

async function markRestored(store: Store): Promise<void> {
  await store.restored.set(new Date().toISOString());
}

/**
 * Marks a copy before it becomes the database, so that no service starts on a restored database without the
 * mark.
 * @throws {Failure} `invalid` when a newer Nameplate wrote it
 */
async function markCopy(path: string): Promise<void> {
  const store = await openStore({ connection: `sqlite:///${path}` });
  try {
    await markRestored(store);
  } finally {
    await store.close();
  }
}

const EXTENSION = { sqlite: 'sqlite', postgresql: 'dump' } as const;

async function restoreSqlite({
  path,
  request: { from, force },
  terminal,
}: {
  readonly path: string;
  readonly request: RestoreArguments;
  readonly terminal: Terminal;
}): Promise<void> {
  const replaces = existsSync(path);
  if (replaces && !force)
    throw new Failure(
      'conflict',
      `There is a database ${path}: --force keeps it under another name and restores.`,
    );
  const keepOldAs = `${path}.replaced-${nowInName()}`;
  await copySqlite({
    from,
    to: path,
    keepOldAs,
    prepare: markCopy,
    onProgress: printer('restored', terminal),
  });
  if (replaces) terminal.out(`The database that was there before is kept as ${keepOldAs}.\n`);
}

function sqlitePath(path: string): string {
  if (path !== ':memory:') return path;
  throw new Failure('invalid', '[database] connection names a database in memory: there is no file of it.');
}

/** Prints the progress of a long copy on standard error. */
function printer(done: string, { err }: Terminal): NonNullable<SqliteCopy['onProgress']> {
  let last = performance.now();
  return (pages) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    err(`${Math.floor((100 * pages.done) / pages.total)} % ${done} so far`);
  };
}

function nowInName(): string {
  return new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '');
}
