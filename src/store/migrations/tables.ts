import type { ColumnDataType, Compilable, CreateTableBuilder, Expression } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';

/** Short names of column types. A `?` at the end makes a column nullable. */
const TYPES = {
  /** Fits 32 bits. */
  integer: 'integer',
  /** Epoch milliseconds, or bytes. */
  long: 'bigint',
  real: 'double precision',
} as const satisfies Record<string, ColumnDataType>;
type Word = keyof typeof TYPES | 'text';

export type Columns = Readonly<Record<string, Word | `${Word}?` | 'counted'>>;

/** Creates a table with these columns. A column `counted` is its primary key, with generated numbers. */
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

/** A new column of a table that has rows: nullable, or with the value for existing rows. */
type AddedColumn = `${Word}?` | readonly [Word, Expression<unknown>];

/** Adds columns to a table, in one statement each, because SQLite accepts only one at once. */
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
