import { Failure } from '../model/failure.ts';
import { migrate } from './migrations/migrate.ts';
import type { Store } from './promise/store.ts';
import { queriesOver } from './queries/queries.ts';
import { type Clocks, HostSilence } from './sql/host-silence.ts';
import type { Database } from './sql/session.ts';
import { openSqlite } from './sqlite/sqlite.ts';

const SQLITE = 'sqlite:///';

/**
 * Opens the store that a `[database] connection` names, and brings its tables up to date. `sqlite:///` is
 * followed by the file's path, so a full path makes four slashes in all; `postgresql://` is as libpq takes
 * it.
 * @param clocks by which hosts count as silent; the machine's unless a test says otherwise
 * @throws {Failure} `unavailable` when it cannot be opened; `invalid` when the address is none that can be
 * used, or the store was written by a newer Nameplate
 */
export async function openStore({
  connection,
  clocks,
}: {
  readonly connection: string;
  readonly clocks?: Clocks;
}): Promise<Store> {
  const silence = new HostSilence(clocks);
  const database = await openDatabase(connection);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    ...queriesOver(database, silence),
    transaction: (work) => database.transaction((session) => work(queriesOver(session, silence))),
    lockingTransaction: (work) =>
      database.lockingTransaction((session) => work(queriesOver(session, silence))),
    commitVersion: () => database.commitVersion(),
    reclaimSpace: () => database.reclaimSpace(),
    get rebuild() {
      return database.rebuild;
    },
    close: () => database.close(),
  };
}

/** SQLAlchemy's `postgresql+driver://` is accepted, so that a nova.conf works unchanged. */
const POSTGRESQL = /^postgres(?:ql)?(?:\+\w+)?:\/\//;

async function openDatabase(connection: string): Promise<Database> {
  if (POSTGRESQL.test(connection)) {
    const { openPostgresql } = await import('./postgresql/postgresql.ts'); // saves its megabytes where SQLite is used
    return openPostgresql(connection.replace(POSTGRESQL, 'postgresql://'));
  }
  const path = connection.startsWith(SQLITE) ? connection.slice(SQLITE.length) : '';
  if (path === '' || path.includes(':memory:'))
    throw new Failure(
      'invalid',
      `[database] connection names no database; accepted are: ${SQLITE}PATH and postgresql://USER:PASSWORD@HOST:PORT/DATABASE`,
    );
  return openSqlite(path);
}
