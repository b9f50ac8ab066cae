import type { SelectQueryBuilder } from 'kysely';
import type { Schema } from '../sql/schema.ts';
import type { StoreDialect } from '../sql/session.ts';

/*
 * Locks of the network tables. They are taken in transactions of both isolations, which meet each other here:
 * a serializable transaction is retried when the row was changed since it began.
 */

type Query<Table extends keyof Schema, Row> = SelectQueryBuilder<Schema, Table, Row>;

/** For a change: others wait that change the row, not those that refer to it. */
export function lockForChange<Table extends keyof Schema, Row>(
  { hasRowLocks }: StoreDialect,
  query: Query<Table, Row>,
): Query<Table, Row> {
  return hasRowLocks ? query.forNoKeyUpdate() : query;
}

/** Against everything: others wait that refer to the row, or hold it by {@link holdRows}. */
export function lockForDelete<Table extends keyof Schema, Row>(
  { hasRowLocks }: StoreDialect,
  query: Query<Table, Row>,
): Query<Table, Row> {
  return hasRowLocks ? query.forUpdate() : query;
}

/** Any number of transactions may hold a row at once; nobody deletes it meanwhile. */
export function holdRows<Table extends keyof Schema, Row>(
  { hasRowLocks }: StoreDialect,
  query: Query<Table, Row>,
): Query<Table, Row> {
  return hasRowLocks ? query.forKeyShare() : query;
}

/** Leaves out rows that another transaction has locked. */
export function lockFree<Table extends keyof Schema, Row>(
  { hasRowLocks }: StoreDialect,
  query: Query<Table, Row>,
): Query<Table, Row> {
  return hasRowLocks ? query.forUpdate().skipLocked() : query;
}
