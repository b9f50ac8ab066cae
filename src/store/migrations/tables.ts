import type { ColumnDataType, Compilable, CreateTableBuilder, Expression } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';

/** Column types, as short words: a `?` at the end lets a column be null. */
const TYPES = {
  /** Fits 32 bits. */
  integer: 'integer',
  /** Epoch milliseconds, or bytes. */
  long: 'bigint',
  real: 'double precision',
} as const satisfies Record<string, ColumnDataType>;
type Word = keyof typeof TYPES | 'text';

export type Columns = Readonly<Record<string, Word | `${Word}?` | 'counted'>>;

/**
 * Begins a table with these columns. A column `counted` is its primary key, and numbers its rows by itself.
 */
export function table(
  dialect: StoreDialect,
  name: string,
  columns: Columns,
): CreateTableBuilder<string, string> {
  let made: CreateTableBuilder<string, string> = dialect.db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    if (type === 'counted') {
      made = made.addColumn(column, dialect.counted.type, dialect.counted.key);
      continue;
    }
    const { word, nullable } = read(type);
    made = made.addColumn(column, typeOf(dialect, word), (c) => (nullable ? c : c.notNull()));
  }
  return made;
}

/**
 * A column that rows which are there already must have too: one that lets null in, or one with the value that
 * they get.
 */
type AddedColumn = `${Word}?` | readonly [Word, Expression<unknown>];

/** Adds columns to a table, a statement each: SQLite takes no more at once. */
export function addColumns(
  dialect: StoreDialect,
  name: string,
  columns: Readonly<Record<string, AddedColumn>>,
): Compilable[] {
  return Object.entries(columns).map(([column, added]) => {
    const { word, nullable } = read(typeof added === 'string' ? added : added[0]);
    return dialect.db.schema
      .alterTable(name)
      .addColumn(column, typeOf(dialect, word), (c) =>
        nullable || typeof added === 'string' ? c : c.notNull().defaultTo(added[1]),
      );
  });
}

function typeOf(dialect: StoreDialect, word: Word): StoreDialect['text'] {
  return word === 'text' ? dialect.text : TYPES[word];
}

function read(type: Word | `${Word}?`): { word: Word; nullable: boolean } {
  const nullable = type.endsWith('?');
  return { word: (nullable ? type.slice(0, -1) : type) as Word, nullable };
}
