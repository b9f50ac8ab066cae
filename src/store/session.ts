import type { ColumnDefinitionBuilder, Expression, Kysely, SqlBool } from 'kysely';
import type { Schema } from './schema.ts';

/** What the databases say differently; everything else is one text for all of them. */
export interface StoreDialect {
  /** Builds and compiles queries. It is joined to no connection: a `Session` runs what it compiles. */
  readonly db: Kysely<Schema>;
  /** Whether the column matches a pattern as `name-pattern.ts` reads it. */
  matches(column: Expression<string>, pattern: string): Expression<SqlBool>;
  /** A primary key that counts up by itself and never gives a number twice. */
  counted(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
}

/** A query's text and values, ready to run. */
export interface ReadyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Somewhere to run queries: outside of any transaction, where only reading is possible, or inside of one. */
export interface Session {
  readonly dialect: StoreDialect;
  /** @throws {Failure} `out-of-space`, `unavailable`, `conflict` */
  all(query: ReadyQuery): Promise<unknown[]>;
  /** Runs `work` in a transaction: in this one, when this is one. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** One open database: its session outside of transactions. */
export interface Database extends Session {
  /** As `Store.stamp`. */
  stamp(): number | undefined;
  /** Waits for the transactions that have been asked for, then lets go of the database. */
  close(): Promise<void>;
}
