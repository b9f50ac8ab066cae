import { DatabaseSync } from 'node:sqlite';

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/** The content of a SQLite file, also of one that was not closed, as statements. */
export function dumpSqlite(path: string): string {
  const db = new DatabaseSync(path);
  try {
    const all = db
      .prepare('select type, name, sql from sqlite_schema where sql is not null')
      .all() as unknown as Entry[];
    const own = all.filter(({ name }) => !name.startsWith('sqlite_'));
    const tables = own.filter(({ type }) => type === 'table');
    const counts = all.some(({ name }) => name === 'sqlite_sequence');
    const statements = [
      ...tables.map(({ sql }) => sql),
      ...tables.flatMap(({ name }) => rowsOf(db, name)),
      ...(counts ? ['delete from sqlite_sequence', ...rowsOf(db, 'sqlite_sequence')] : []),
      ...own.filter(({ type }) => type !== 'table').map(({ sql }) => sql),
    ];
    return `${statements.join(';\n')};\n`;
  } finally {
    db.close();
  }
}

function rowsOf(db: DatabaseSync, table: string): string[] {
  const columns = db.prepare('select name from pragma_table_info(?)').all(table) as { name: string }[];
  const names = columns.map(({ name }) => `"${name}"`);
  const values = names.map((name) => `quote(${name})`).join(` || ',' || `);
  const rows = db.prepare(`select ${values} as row from "${table}"`).all() as { row: string }[];
  return rows.map(({ row }) => `insert into "${table}" (${names.join(',')}) values (${row})`);
}

/** Makes a SQLite file of such statements. @returns its connection, as `[database] connection` has it */
export function restoreSqlite(path: string, sql: string): string {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    db.exec(`pragma journal_mode = wal; begin; ${sql} commit;`);
    return `sqlite:///${path}`;
  } finally {
    db.close();
  }
}
