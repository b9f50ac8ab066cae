import type {
  ColumnDataType,
  ColumnDefinitionBuilder,
  Compilable,
  Expression,
  Kysely,
  SqlBool,
} from 'kysely';
import type { Schema } from './schema.ts';

/** What the databases say differently; everything else is one text for all of them. */
export interface StoreDialect {
  /** Builds and compiles queries. It is joined to no connection: a `Session` runs what it compiles. */
  readonly db: Kysely<Schema>;
  /** Whether the column matches a pattern as `name-pattern.ts` reads it. */
  matches(column: Expression<string>, pattern: string): Expression<SqlBool>;
  /** The pattern as `matches` is to be given it. */
  pattern(text: string): string;
  /** Text that is compared and sorted by its code points. */
  readonly text: ColumnDataType | Expression<unknown>;
  /** A primary key that counts up by itself and never gives a number twice. */
  readonly counted: {
    readonly type: ColumnDataType | Expression<unknown>;
    readonly key: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  };
  /** What its queries call, made along with the tables. */
  readonly functions: readonly Compilable[];
  /** Whether what is looked at by its id, and sums of usage, are to be locked until the transaction ends. */
  readonly holds: boolean;
}

/** A query's text and values, ready to run. */
export interface ReadyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Somewhere to run queries: outside of any transaction, where only reading is possible, or inside of one. */
export interface Session {
  readonly dialect: StoreDialect;
  /** Whether a question costs so much on its way that those for single rows are to be gathered. */
  readonly isFar: boolean;
  /** @throws {Failure} `out-of-space`, `unavailable`, `conflict` */
  all(query: ReadyQuery): Promise<unknown[]>;
  /** Runs `work` in a transaction: in this one, when this is one. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** As `atomically`, in a transaction as `Store.holding` promises it. */
  holding<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** One open database: its session outside of transactions. */
export interface Database extends Session {
  /** As `atomically`, while no other process that opens the store does the same: for changes to the tables themselves. */
  alone<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** As `Store.stamp`. */
  stamp(): number | Promise<number>;
  /** As `Store.giveBack`. */
  giveBack(): Promise<boolean>;
  /** As `Store.rebuild`; undefined where there is no use for it. */
  readonly rebuild?: (() => Promise<void>) | undefined;
  /** Waits for the transactions that have been asked for, then lets go of the database. */
  close(): Promise<void>;
}
