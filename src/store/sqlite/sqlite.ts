import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { fileFailure } from '../../files/file-failure.ts';
import { Failure } from '../../model/failure.ts';
import { namePattern } from '../sql/name-pattern.ts';
import type { Schema } from '../sql/schema.ts';
import type { Database, ReadyQuery, StoreDialect } from '../sql/session.ts';
import { type Connection, SqliteCommits } from './sqlite-commits.ts';
import { sqliteFailure } from './sqlite-failure.ts';

const STATEMENTS_KEPT = 500;
/** Milliseconds to wait for another process (a backup, the sqlite3 shell) that holds the database. */
const BUSY_TIMEOUT = 5_000;
/** Free pages that one transaction gives back to the file system. */
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
  holds: false, // there is one writer at a time
};

/**
 * Opens a SQLite file, and makes it, readable by its owner only, when it is not there. One connection writes and another
 * reads, so that reads see what is committed and wait for no transaction. Every commit is synced to the disk (WAL, FULL).
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
  readonly isFar = false;
  readonly #writer: SqliteConnection;
  readonly #reader: SqliteConnection;
  readonly #commits: SqliteCommits;

  constructor(writer: SqliteConnection, reader: SqliteConnection) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = new SqliteCommits(writer, sqliteDialect);
  }

  async all(query: ReadyQuery): Promise<unknown[]> {
    return this.#reader.all(query);
  }

  stamp(): number {
    return this.#reader.dataVersion();
  }

  atomically: Database['atomically'] = (work) => this.#commits.run(work);

  holding = this.atomically;

  /** SQLite lets one connection write at a time, whichever process it is in. */
  alone = this.atomically;

  async giveBack(): Promise<boolean> {
    if (this.#writer.pragma('auto_vacuum') !== INCREMENTAL) return false;
    await this.#commits.run((session) =>
      session.all({ sql: `pragma incremental_vacuum(${PAGES_AT_ONCE})`, parameters: [] }),
    );
    return this.#writer.pragma('freelist_count') > 0;
  }

  /** What an earlier version wrote keeps the size that it once had. */
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
  /** By their text; the one that was made first stands first. */
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, { readOnly }: { readOnly: boolean }) {
    this.#path = path;
    this.#db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
    try {
      // So that the space of removed rows can be given back; that is decided before anything is written to a file.
      if (!readOnly && statSync(path).size === 0) this.#db.exec('pragma auto_vacuum = incremental');
      if (!readOnly) this.#db.exec('pragma journal_mode = wal; pragma synchronous = full');
      this.#db.exec('pragma cache_size = -16384');
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

  /** The value of a pragma that is a number. */
  pragma(name: 'auto_vacuum' | 'freelist_count'): number {
    const [row] = this.all({ sql: `pragma ${name}`, parameters: [] });
    return (row as Record<typeof name, number>)[name];
  }

  /** SQLite's own count of the commits of all other connections, the one that writes here among them. */
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
