/**
 * Tables that rows of the past are purged from, in the order in which they are: what names a server goes
 * before it.
 */
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
] as const;
export type PurgedTable = (typeof PURGED_TABLES)[number];

/** A row that may go: what it is removed by, and its columns as the database has them. */
export interface PurgeableRow {
  readonly key: string | number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** A part of a table that was looked through. */
export interface PurgePiece {
  readonly rows: readonly PurgeableRow[];
  /** What the next piece comes after; null when there is none. */
  readonly next: string | number | null;
}

/**
 * Rows of the past: ended operations with their logs, ended migrations, actions and deleted servers that were
 * last changed before a time (epoch milliseconds), and what belongs to projects and users that are gone. Of a
 * living server the newest 100 actions and migrations stay, however old. No row is among them that an
 * unfinished operation or a migration under way names, and none of the ledger of serials.
 */
export interface PurgeQueries {
  /** Looks through a bounded piece of a table: the first one, or the one after another. */
  piece(of: {
    readonly table: PurgedTable;
    readonly before: number;
    readonly after: string | number | null;
  }): Promise<PurgePiece>;
  /**
   * Removes those of the rows that may still go, with what is theirs alone, in one transaction; ids of
   * servers are retired.
   * @returns how many rows of the table were removed
   */
  remove(of: {
    readonly table: PurgedTable;
    readonly before: number;
    readonly keys: readonly (string | number)[];
  }): Promise<number>;
}

/** Work that one replica does for all. */
export interface ChoreQueries {
  /**
   * Gives a chore to the owner; nobody is given it again until then (epoch milliseconds).
   * @returns whether it was given
   */
  take(chore: {
    readonly name: string;
    readonly owner: string;
    readonly now: number;
    readonly until: number;
  }): Promise<boolean>;
}
