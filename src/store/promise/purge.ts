/** The tables that are purged, in order. Rows that name a server are purged before the server. */
export const PURGED_TABLES = [
  'tokens',
  'operations',
  'server_migrations',
  'instance_actions',
  'servers',
  'server_groups',
  'keypairs',
  'quota_limits',
  'server_usage',
  'security_groups',
  'network_usage',
  'network_tags',
] as const;
export type PurgedTable = (typeof PURGED_TABLES)[number];

/** A row that may be purged: its key, and its columns as in the database. */
export interface PurgeableRow {
  readonly key: string | number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** A bounded part of a table. */
export interface PurgePiece {
  readonly rows: readonly PurgeableRow[];
  /** The position after which the next piece begins; null at the end. */
  readonly next: string | number | null;
}

/**
 * Finds old rows: ended operations with their logs, ended migrations, instance actions and deleted servers
 * that were last changed before a time (epoch milliseconds), and rows of deleted projects and users. Of an
 * existing server the newest 100 actions and migrations always stay. Rows that an unfinished operation or a
 * migration in progress names stay too, and so do all serial records.
 */
export interface PurgeQueries {
  /** Searches a bounded piece of a table: the first one, or the one after a position. */
  piece(of: {
    readonly table: PurgedTable;
    readonly before: number;
    readonly after: string | number | null;
  }): Promise<PurgePiece>;
  /**
   * Removes those of the rows that may still be purged, with their dependent rows, in one transaction.
   * Retires the ids of removed servers.
   * @returns the number of removed rows of the table
   */
  remove(of: {
    readonly table: PurgedTable;
    readonly before: number;
    readonly keys: readonly (string | number)[];
  }): Promise<number>;
}

/** Chores that one replica does for all. */
export interface ChoreQueries {
  /**
   * Gives a chore to the owner. No other call gets it until the given time (epoch milliseconds).
   * @returns whether the owner got it
   */
  take(chore: {
    readonly name: string;
    readonly owner: string;
    readonly now: number;
    readonly until: number;
  }): Promise<boolean>;
}
