import type { SelectQueryBuilder } from 'kysely';
import type { Schema } from './schema.ts';
import type { StoreDialect } from './session.ts';

/** A query for rows by what identifies them: they are locked where it runs in a transaction that holds what it looks at. */
export function held<Table extends keyof Schema, Row>(
  { holds }: StoreDialect,
  query: SelectQueryBuilder<Schema, Table, Row>,
): SelectQueryBuilder<Schema, Table, Row> {
  return holds ? query.forUpdate() : query;
}
