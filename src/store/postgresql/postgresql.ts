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
import { type Link, LONGEST_FINDING, PostgresqlTransactions } from './postgresql-transactions.ts';

/** Of each of the two kinds: those that read wait for none that write. */
const CONNECTIONS = 8;
/** Milliseconds to wait for a connection. */
const CONNECT_TIMEOUT = 10_000;
/** Milliseconds after which the server gives up a query, and after which its silence is taken for a broken connection. */
const STATEMENT_TIMEOUT = 30_000;
const SILENCE_TIMEOUT = 40_000;
/** Milliseconds to wait for a row that another transaction holds: longer than that one may be silent. */
const LOCK_TIMEOUT = 25_000;
/** Milliseconds after which the server ends a transaction whose replica has fallen silent: it holds up others. */
const IDLE_TIMEOUT = 15_000;
/** Any number, as long as all versions of Nameplate take the same. */
const MIGRATION_LOCK = 1_314_680_148;
const INT8 = 20;
/** https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT */
const SNAPSHOT = { sql: 'select pg_current_snapshot()::text as snapshot', parameters: [] };
/** What waited for a row sees it as it then is. */
const HOLDING = ['begin isolation level read committed'];

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
  holds: false,
};

const holdingDialect: StoreDialect = { ...postgresqlDialect, holds: true };

/** Before a pattern, it makes PostgreSQL take the rest for its own letters. */
const LETTERS = '***=';

/** What PostgreSQL cannot read, and RE2 can, stands for its letters too. */
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
 * Opens a PostgreSQL database; the connection may be any URL that libpq takes. What is written is exact although
 * several replicas write: a transaction is serializable, and is run again when it met another, or it locks what it relies on.
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
  readonly isFar = true;
  readonly #where: string;
  readonly #readers: Pool;
  readonly #writers: Pool;
  readonly #transactions: PostgresqlTransactions;
  readonly #running = new Set<Promise<unknown>>();
  #seen = { snapshot: '', stamp: 0 };
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

  atomically: Database['atomically'] = (work) => this.#whileOpen(() => this.#transactions.run(work));

  holding: Database['holding'] = (work) =>
    this.#whileOpen(() => this.#transactions.run(work, { dialect: holdingDialect, begin: HOLDING }));

  alone: Database['alone'] = (work) =>
    this.#whileOpen(() =>
      this.#transactions.runAlone(work, [
        'begin isolation level read committed',
        'set local statement_timeout = 0',
        'set local lock_timeout = 0',
        `select pg_advisory_xact_lock(${MIGRATION_LOCK})`,
      ]),
    );

  async stamp(): Promise<number> {
    return (await this.#stampNow('')) as number;
  }

  readonly #stampNow = batchLoader<'', number>(async () => new Map([['', await this.#glance()]]));

  /** Which transactions are over: one that ends later, however it does, changes the snapshot. */
  async #glance(): Promise<number> {
    const [row] = (await this.all(SNAPSHOT)) as [{ snapshot: string }];
    if (row.snapshot !== this.#seen.snapshot)
      this.#seen = { snapshot: row.snapshot, stamp: this.#seen.stamp + 1 };
    return this.#seen.stamp;
  }

  /** The server's autovacuum does it. */
  async giveBack(): Promise<boolean> {
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

  /** Reading changes nothing: over a connection that proves dead it is asked again over another, until there is none. */
  async #read(query: ReadyQuery): Promise<unknown[]> {
    const began = performance.now();
    for (;;) {
      const link = await this.#link(this.#readers);
      try {
        return await link.run(query);
      } catch (error) {
        if (link.isBroken && performance.now() - began < LONGEST_FINDING) continue;
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
  // Whoever uses a connection is told of what befalls it; one that nobody uses is simply gone.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  return pool;
}

/** A small table is read by its index all the same: a serializable transaction that reads all of a table meets every other one. */
async function settings(client: ClientBase, isolation: string): Promise<void> {
  await client.query(`
    set session characteristics as transaction isolation level ${isolation};
    set statement_timeout = ${STATEMENT_TIMEOUT};
    set lock_timeout = ${LOCK_TIMEOUT};
    set idle_in_transaction_session_timeout = ${IDLE_TIMEOUT};
    set enable_seqscan = off;
    set jit = off`);
}

/** Short texts and not too many of them: each connection keeps the plans of all. */
const LONGEST_PREPARED = 2_000;
const MOST_PREPARED = 500;
const NAMES = new Map<string, string>();

/** The name that a text is prepared under on each connection, so that it is planned once; none for one that is not worth it. */
function nameOf(text: string): { name?: string } {
  let name = NAMES.get(text);
  if (name === undefined) {
    if (text.length > LONGEST_PREPARED || NAMES.size >= MOST_PREPARED) return {};
    name = `nameplate_${NAMES.size}`;
    NAMES.set(text, name);
  }
  return { name };
}
