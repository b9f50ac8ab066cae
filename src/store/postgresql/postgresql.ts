import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import { type ClientBase, Pool, type PoolClient, type QueryConfig, type QueryResult, types } from 'pg';
import { batchLoader } from '../../async/batch-loader.ts';
import { Failure } from '../../model/failure.ts';
import { isReadablePattern } from '../sql/name-pattern.ts';
import type { Schema } from '../sql/schema.ts';
import type { Database, ReadyQuery, StoreDialect } from '../sql/session.ts';
import { faultOf, isOutdated, postgresqlFailure } from './postgresql-failure.ts';
import { type Link, MAX_CONNECT_MS, PostgresqlTransactions } from './postgresql-transactions.ts';

/** Connections per pool. Reads and writes have separate pools, so reads never wait for writes. */
const CONNECTIONS = 8;
/** Milliseconds to wait for a connection. */
const CONNECT_TIMEOUT = 10_000;
/**
 * Milliseconds after which the server cancels a query, and after which a silent connection counts as broken.
 */
const STATEMENT_TIMEOUT = 30_000;
const SILENCE_TIMEOUT = 40_000;
/** Milliseconds to wait for a locked row: longer than `IDLE_TIMEOUT` of the transaction that locks it. */
const LOCK_TIMEOUT = 25_000;
/**
 * Milliseconds after which the server ends an idle transaction, whose replica may have died: it blocks
 * others.
 */
const IDLE_TIMEOUT = 15_000;
/** Key of the advisory lock. Any number, the same in all versions. */
const MIGRATION_LOCK = 1_314_680_148;
const INT8 = 20;
/** https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT */
const SNAPSHOT = { sql: 'select pg_current_snapshot()::text as snapshot', parameters: [] };
/** READ COMMITTED: a query that waited for a row lock sees the row's new version. */
const BEGIN_LOCKING = ['begin isolation level read committed'];

export const postgresqlDialect: StoreDialect = {
  db: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  matches: (column, pattern) => sql`${column} ~ (select name_pattern(${pattern}))`,
  pattern: (text) => (isReadablePattern(text) ? text : LETTERS + text),
  text: sql`text collate "C"`,
  counted: { type: 'bigint', key: (column) => column.generatedAlwaysAsIdentity().primaryKey() },
  get functions() {
    return [namePatternFunction()];
  },
  locksRows: false,
  hasRowLocks: true,
};

const lockingDialect: StoreDialect = { ...postgresqlDialect, locksRows: true };

/** PostgreSQL takes a pattern with this prefix literally. */
const LETTERS = '***=';

/** Patterns that RE2 accepts and PostgreSQL does not are taken literally as well. */
function namePatternFunction() {
  const { db } = postgresqlDialect;
  const text = sql`create function name_pattern(pattern text) returns text language plpgsql immutable as $$
    begin
      perform '' ~ pattern;
      return pattern;
    exception when invalid_regular_expression then
      return '***=' || pattern;
    end
  $$`;
  return { compile: () => text.compile(db) };
}

/**
 * Opens a PostgreSQL database; the connection may be any URL that libpq takes. Several replicas may write:
 * transactions are serializable and retried after a serialization failure, or they lock the rows that they
 * rely on.
 * @throws {Failure} `unavailable` when it cannot be reached; `invalid` when its encoding is not UTF8
 */
export async function openPostgresql(connection: string): Promise<Database> {
  const database = new PostgresqlDatabase(connection);
  try {
    const [row] = (await database.all({ sql: 'show server_encoding', parameters: [] })) as [
      { server_encoding: string },
    ];
    if (row.server_encoding !== 'UTF8')
      throw new Failure(
        'invalid',
        `[database] connection names a database whose encoding is ${row.server_encoding}; accepted is: UTF8 (createdb --encoding UTF8 --template template0 NAME).`,
      );
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class PostgresqlDatabase implements Database {
  readonly dialect = postgresqlDialect;
  readonly isRemote = true;
  readonly #where: string;
  readonly #readers: Pool;
  readonly #writers: Pool;
  readonly #transactions: PostgresqlTransactions;
  readonly #running = new Set<Promise<unknown>>();
  #seen = { snapshot: '', version: 0 };
  #closed = false;

  constructor(connection: string) {
    this.#where = connection.replace(/(\/\/[^:@/]*):.*@/, '$1@').replace(/\bpassword=[^&]*/g, 'password=…');
    this.#readers = poolOf(connection, 'read committed');
    this.#writers = poolOf(connection, 'serializable');
    this.#transactions = new PostgresqlTransactions(postgresqlDialect, () => this.#link(this.#writers));
  }

  all(query: ReadyQuery): Promise<unknown[]> {
    return this.#whileOpen(() => this.#read(query));
  }

  transaction: Database['transaction'] = (work) => this.#whileOpen(() => this.#transactions.run(work));

  lockingTransaction: Database['lockingTransaction'] = (work) =>
    this.#whileOpen(() => this.#transactions.run(work, { dialect: lockingDialect, begin: BEGIN_LOCKING }));

  exclusive: Database['exclusive'] = (work) =>
    this.#whileOpen(() =>
      this.#transactions.runAlone(work, [
        'begin isolation level read committed',
        'set local statement_timeout = 0',
        'set local lock_timeout = 0',
        `select pg_advisory_xact_lock(${MIGRATION_LOCK})`,
      ]),
    );

  async commitVersion(): Promise<number> {
    return (await this.#versionNow('')) as number;
  }

  readonly #versionNow = batchLoader<'', number>(async () => new Map([['', await this.#readVersion()]]));

  /** The snapshot names the transactions that have ended: each one that ends later changes it. */
  async #readVersion(): Promise<number> {
    const [row] = (await this.all(SNAPSHOT)) as [{ snapshot: string }];
    if (row.snapshot !== this.#seen.snapshot)
      this.#seen = { snapshot: row.snapshot, version: this.#seen.version + 1 };
    return this.#seen.version;
  }

  /** PostgreSQL's autovacuum does this. */
  async reclaimSpace(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await Promise.all([this.#readers.end(), this.#writers.end()]);
  }

  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Failure('unavailable', 'The store is closed.');
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Reads are safe to repeat: after a dead connection the query runs on another one. */
  async #read(query: ReadyQuery): Promise<unknown[]> {
    const began = performance.now();
    for (;;) {
      const link = await this.#link(this.#readers);
      try {
        return await link.run(query);
      } catch (error) {
        if (link.isBroken && performance.now() - began < MAX_CONNECT_MS) continue;
        throw error;
      } finally {
        link.release();
      }
    }
  }

  async #link(pool: Pool): Promise<PostgresqlLink> {
    try {
      return new PostgresqlLink(await pool.connect(), this.#where);
    } catch (error) {
      throw postgresqlFailure(error, this.#where);
    }
  }
}

class PostgresqlLink implements Link {
  readonly #client: PoolClient;
  readonly #where: string;
  isBroken = false;
  patience = SILENCE_TIMEOUT;

  constructor(client: PoolClient, where: string) {
    this.#client = client;
    this.#where = where;
  }

  async run({ sql: text, parameters }: ReadyQuery): Promise<unknown[]> {
    return (await this.#ask({ ...nameOf(text), text, values: [...parameters] })).rows;
  }

  async control(text: string): Promise<string> {
    return (await this.#ask({ text })).command;
  }

  async #ask(query: QueryConfig): Promise<QueryResult> {
    try {
      const timed: QueryConfig & { query_timeout: number } = { ...query, query_timeout: this.patience };
      return await this.#client.query(timed);
    } catch (error) {
      if (faultOf(error) === 'broken' || isOutdated(error)) this.isBroken = true;
      throw postgresqlFailure(error, this.#where);
    }
  }

  release(): void {
    this.#client.release(this.isBroken);
  }
}

function poolOf(connection: string, isolation: string): Pool {
  const pool = new Pool({
    connectionString: connection,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: SILENCE_TIMEOUT,
    keepAlive: true,
    application_name: 'nameplate',
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
    // oxlint-disable-next-line typescript/no-misused-promises -- pg waits for it; its types do not say so
    onConnect: (client: ClientBase) => settings(client, isolation),
  });
  // The user of a connection gets its error. An idle connection that breaks is dropped silently.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  return pool;
}

/**
 * No sequential scans, not even of small tables: in a serializable transaction they conflict with every
 * writer.
 */
async function settings(client: ClientBase, isolation: string): Promise<void> {
  await client.query(`
    set session characteristics as transaction isolation level ${isolation};
    set statement_timeout = ${STATEMENT_TIMEOUT};
    set lock_timeout = ${LOCK_TIMEOUT};
    set idle_in_transaction_session_timeout = ${IDLE_TIMEOUT};
    set enable_seqscan = off;
    set jit = off`);
}

/** Limits of prepared statements: each connection keeps the plans of all. */
const MAX_PREPARED_LENGTH = 2_000;
const MAX_PREPARED_STATEMENTS = 500;
const NAMES = new Map<string, string>();

/**
 * The name of the prepared statement for a text, so that each connection plans it once; none beyond the
 * limits.
 */
function nameOf(text: string): { name?: string } {
  let name = NAMES.get(text);
  if (name === undefined) {
    if (text.length > MAX_PREPARED_LENGTH || NAMES.size >= MAX_PREPARED_STATEMENTS) return {};
    name = `nameplate_${NAMES.size}`;
    NAMES.set(text, name);
  }
  return { name };
}
