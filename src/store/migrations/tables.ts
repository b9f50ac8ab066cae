import type { ColumnDataType, CreateTableBuilder } from 'kysely';
import type { StoreDialect } from '../session.ts';

/** Column types, as short words: a `?` at the end lets a column be null. */
const TYPES = {
  text: 'text',
  /** Fits 32 bits. */
  integer: 'integer',
  /** Epoch milliseconds, or bytes. */
  long: 'bigint',
  real: 'double precision',
} as const satisfies Record<string, ColumnDataType>;
type Word = keyof typeof TYPES;

export type Columns = Readonly<Record<string, Word | `${Word}?` | 'counted'>>;

/** Begins a table with these columns. A column `counted` is its primary key, and numbers its rows by itself. */
export function table(
  { db, counted }: StoreDialect,
  name: string,
  columns: Columns,
): CreateTableBuilder<string, string> {
  let made: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    if (type === 'counted') {
      made = made.addColumn(column, 'integer', counted);
      continue;
    }
    const nullable = type.endsWith('?');
    const word = (nullable ? type.slice(0, -1) : type) as Word;
    made = made.addColumn(column, TYPES[word], (c) => (nullable ? c : c.notNull()));
  }
  return made;
}
