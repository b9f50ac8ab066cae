import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { fileFailure } from '../../files/file-failure.ts';
import { Failure } from '../../model/failure.ts';
import { namePattern } from '../sql/name-pattern.ts';
import type { Schema } from '../sql/schema.ts';
import type { Database, ReadyQuery, StoreDialect } from '../sql/session.ts';
import { type Connection, GroupCommit } from './group-commit.ts';
import { sqliteFailure } from './sqlite-failure.ts';

const STATEMENTS_KEPT = 500;
/** Milliseconds to wait for another process (a backup, the sqlite3 shell) that locks the database. */
const BUSY_TIMEOUT = 5_000;
/** Pages of the WAL (16 MiB) after which it is written into the database: most are changed many times. */
const CHECKPOINT_PAGES = 4_000;
/** Free pages that one transaction returns to the file system. */
const PAGES_AT_ONCE = 200;
/** https://www.sqlite.org/pragma.html#pragma_auto_vacuum */
const INCREMENTAL = 2;

export const sqliteDialect: StoreDialect = {
  db: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  matches: (column, pattern) => sql`name_matches(${pattern}, ${column}) = 1`,
  pattern: (text) => text,
  text: 'text',
  counted: { type: 'integer', key: (column) => column.primaryKey().autoIncrement() },
  functions: [],
  locksRows: false, // there is one writer at a time
  hasRowLocks: false,
};

/**
 * Opens a SQLite file, or creates it with mode 0600. One connection writes and another reads, so reads see
 * committed rows only and wait for no transaction. Every commit is synced to the disk (WAL, FULL).
 * @throws {Failure} `unavailable` when it cannot be opened or is no SQLite database
 */
export function openSqlite(path: string): Database {
  let writer: SqliteConnection | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600));
    writer = new SqliteConnection(path, { readOnly: false });
    const reader = new SqliteConnection(path, { readOnly: true });
    return new SqliteDatabase(writer, reader);
  } catch (error) {
    writer?.close();
    if (error instanceof Failure) throw error;
    const ofFile = fileFailure(error);
    if (ofFile !== undefined) throw ofFile;
    throw new Failure('unavailable', 'The store cannot be opened.', {
      operatorText: `The store ${path} cannot be opened: ${(error as Error).message}`,
      cause: error,
    });
  }
}

class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect;
  readonly isRemote = false;
  readonly #writer: SqliteConnection;
  readonly #reader: SqliteConnection;
  readonly #commits: GroupCommit;

  constructor(writer: SqliteConnection, reader: SqliteConnection) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = new GroupCommit(writer, sqliteDialect);
  }

  async all(query: ReadyQuery): Promise<unknown[]> {
    return this.#reader.all(query);
  }

  commitVersion(): number {
    return this.#reader.dataVersion();
  }

  transaction: Database['transaction'] = (work) => this.#commits.run(work);

  lockingTransaction = this.transaction;

  /** SQLite has one writer at a time, over all processes. */
  exclusive = this.transaction;

  async reclaimSpace(): Promise<boolean> {
    if (this.#writer.pragma('auto_vacuum') !== INCREMENTAL) return false;
    await this.#commits.run((session) =>
      session.all({ sql: `pragma incremental_vacuum(${PAGES_AT_ONCE})`, parameters: [] }),
    );
    return this.#writer.pragma('freelist_count') > 0;
  }

  /** A file written by an earlier version without `auto_vacuum` never shrinks. */
  get rebuild(): (() => Promise<void>) | undefined {
    if (this.#writer.pragma('auto_vacuum') === INCREMENTAL) return undefined;
    return async () => {
      this.#writer.all({ sql: 'pragma auto_vacuum = incremental', parameters: [] });
      this.#writer.all({ sql: 'vacuum', parameters: [] });
      this.#writer.all({ sql: 'pragma wal_checkpoint(truncate)', parameters: [] });
    };
  }

  async close(): Promise<void> {
    await this.#commits.close();
    this.#reader.close();
    this.#writer.close();
  }
}

class SqliteConnection implements Connection {
  readonly #db: DatabaseSync;
  readonly #path: string;
  /** By text, oldest first. */
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, { readOnly }: { readOnly: boolean }) {
    this.#path = path;
    this.#db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
    try {
      // Lets `reclaimSpace` shrink the file. SQLite takes this only before the first write to a file.
      if (!readOnly && statSync(path).size === 0) this.#db.exec('pragma auto_vacuum = incremental');
      if (!readOnly) this.#db.exec('pragma journal_mode = wal; pragma synchronous = full');
      // Savepoints copy what they change: in memory, not into a temporary file.
      this.#db.exec('pragma cache_size = -16384; pragma temp_store = memory');
      this.#db.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      this.#registerNameMatches();
    } catch (error) {
      this.#db.close();
      throw sqliteFailure(error, path);
    }
  }

  get inTransaction(): boolean {
    return this.#db.isOpen && this.#db.isTransaction;
  }

  all({ sql, parameters }: ReadyQuery): unknown[] {
    if (!this.#db.isOpen) throw new Failure('unavailable', 'The store is closed.');
    try {
      return this.#prepared(sql).all(...(parameters as SQLInputValue[]));
    } catch (error) {
      throw sqliteFailure(error, this.#path);
    }
  }

  /** The value of a numeric pragma. */
  pragma(name: 'auto_vacuum' | 'freelist_count'): number {
    const [row] = this.all({ sql: `pragma ${name}`, parameters: [] });
    return (row as Record<typeof name, number>)[name];
  }

  /** SQLite's count of commits by all other connections, among them this process's writer. */
  dataVersion(): number {
    const [row] = this.all({ sql: 'pragma data_version', parameters: [] });
    return (row as { data_version: number }).data_version;
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = this.#db.prepare(text);
    this.#statements.set(text, made);
    if (this.#statements.size > STATEMENTS_KEPT)
      this.#statements.delete(this.#statements.keys().next().value as string);
    return made;
  }

  #registerNameMatches(): void {
    let last: { pattern: string; matches: (name: string) => boolean } | undefined;
    this.#db.function('name_matches', { deterministic: true }, (pattern, name) => {
      if (last?.pattern !== pattern)
        last = { pattern: String(pattern), matches: namePattern(String(pattern)) };
      return last.matches(String(name)) ? 1 : 0;
    });
  }
}
