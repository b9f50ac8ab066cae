import { Failure } from '../model/failure.ts';
import { migrate } from './migrations/migrate.ts';
import type { Store } from './promise/store.ts';
import { queriesOver } from './queries/queries.ts';
import type { Database } from './sql/session.ts';
import { type Clocks, Silence } from './sql/silence.ts';
import { openSqlite } from './sqlite/sqlite.ts';

const SQLITE = 'sqlite:///';

/**
 * Opens the store that a `[database] connection` names, and brings its tables up to date.
 * `sqlite:///` is followed by the file's path, so a full path makes four slashes in all; `postgresql://` is as libpq takes it.
 * @param clocks by which hosts count as silent; the machine's unless a test says otherwise
 * @throws {Failure} `unavailable` when it cannot be opened; `invalid` when the address is none that can be used, or the
 *   store was written by a newer Nameplate
 */
export async function openStore({
  connection,
  clocks,
}: {
  readonly connection: string;
  readonly clocks?: Clocks;
}): Promise<Store> {
  const silence = new Silence(clocks);
  const database = await openDatabase(connection);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    ...queriesOver(database, silence),
    transaction: (work) => database.atomically((session) => work(queriesOver(session, silence))),
    holding: (work) => database.holding((session) => work(queriesOver(session, silence))),
    stamp: () => database.stamp(),
    giveBack: () => database.giveBack(),
    get rebuild() {
      return database.rebuild;
    },
    close: () => database.close(),
  };
}

/** A driver's name may stand behind `postgresql`, as SQLAlchemy has it: a nova.conf can be used as it is. */
const POSTGRESQL = /^postgres(?:ql)?(?:\+\w+)?:\/\//;

async function openDatabase(connection: string): Promise<Database> {
  if (POSTGRESQL.test(connection)) {
    const { openPostgresql } = await import('./postgresql/postgresql.ts'); // one machine does without its megabytes
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
