import { Failure } from '../model/failure.ts';
import { migrate } from './migrations/migrate.ts';
import type { Store } from './promise/store.ts';
import { queriesOver } from './queries/queries.ts';
import { type Clocks, HostSilence } from './sql/host-silence.ts';
import type { Database } from './sql/session.ts';
import { openSqlite } from './sqlite/sqlite.ts';

const SQLITE = 'sqlite:///';

/**
 * Opens the store of `[database] connection`, and migrates its tables. The path of the file follows
 * `sqlite:///`, so an absolute path makes four slashes. `postgresql://` is a URL for libpq.
 * @param clocks the clocks for the silence of hosts; by default the machine's
 * @throws {Failure} `unavailable` when the store cannot be opened; `invalid` for an unusable address, or a
 *   store that a newer Nameplate wrote
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
    const { openPostgresql } = await import('./postgresql/postgresql.ts'); // not loaded with SQLite, to save memory
    return openPostgresql(connection.replace(POSTGRESQL, 'postgresql://'));
  }
  const path = connection.startsWith(SQLITE) ? connection.slice(SQLITE.length) : '';
  if (path === '' || path.includes(':memory:'))
    throw new Failure(
      'invalid',
      `[database] connection is not the URL of a database; accepted are: ${SQLITE}PATH and postgresql://USER:PASSWORD@HOST:PORT/DATABASE`,
    );
  return openSqlite(path);
}
