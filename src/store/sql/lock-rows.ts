import type { SelectQueryBuilder } from 'kysely';
import type { Schema } from './schema.ts';
import type { StoreDialect } from './session.ts';

/** Adds `FOR UPDATE` to a query for rows by key when it runs in a locking transaction. */
export function lockRows<Table extends keyof Schema, Row>(
  { locksRows }: StoreDialect,
  query: SelectQueryBuilder<Schema, Table, Row>,
): SelectQueryBuilder<Schema, Table, Row> {
  return locksRows ? query.forUpdate() : query;
}
