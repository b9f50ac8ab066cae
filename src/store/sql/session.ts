import type {
  ColumnDataType,
  ColumnDefinitionBuilder,
  Compilable,
  Expression,
  Kysely,
  SqlBool,
} from 'kysely';
import type { Schema } from './schema.ts';

/** Where the SQL of the databases differs. All other queries have one text for all of them. */
export interface StoreDialect {
  /** Builds and compiles queries. It has no connection: a `Session` runs them. */
  readonly db: Kysely<Schema>;
  /** Whether the column matches a pattern as `name-pattern.ts` reads it. */
  matches(column: Expression<string>, pattern: string): Expression<SqlBool>;
  /** Converts a pattern to the form that `matches` takes. */
  pattern(text: string): string;
  /** Text that is compared and sorted by its code points. */
  readonly text: ColumnDataType | Expression<unknown>;
  /** A primary key that counts up by itself and never gives a number twice. */
  readonly counted: {
    readonly type: ColumnDataType | Expression<unknown>;
    readonly key: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  };
  /** SQL functions that the queries call, created with the tables. */
  readonly functions: readonly Compilable[];
  /** Whether rows read by id, and sums of usage, are locked until the transaction ends. */
  readonly locksRows: boolean;
  /** Whether there are row locks at all; otherwise there is one writer at a time. */
  readonly hasRowLocks: boolean;
}

/** A query's text and values, ready to run. */
export interface ReadyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Somewhere to run queries: outside of any transaction, where only reading is possible, or inside of one. */
export interface Session {
  readonly dialect: StoreDialect;
  /** Whether round trips are so slow that queries for single rows are batched. */
  readonly isRemote: boolean;
  /** @throws {Failure} `out-of-space`, `unavailable`, `conflict` */
  all(query: ReadyQuery): Promise<unknown[]>;
  /** Runs `work` in a transaction, or in this one if the session is a transaction. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** As `transaction`, with the isolation of `Store.lockingTransaction`. */
  lockingTransaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** One open database: its session outside of transactions. */
export interface Database extends Session {
  /** As `transaction`, one process at a time: for changes to the tables themselves. */
  exclusive<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** As `Store.commitVersion`. */
  commitVersion(): number | Promise<number>;
  /** As `Store.reclaimSpace`. */
  reclaimSpace(): Promise<boolean>;
  /** As `Store.rebuild`; undefined where it is not needed. */
  readonly rebuild?: (() => Promise<void>) | undefined;
  /** Waits for running transactions, then closes the database. */
  close(): Promise<void>;
}
