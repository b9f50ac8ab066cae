import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresServer } from '../lab/postgres.ts';

const OPTIONS = ['--no-owner', '--no-privileges', '--no-comments', '--inserts', '--rows-per-insert=1000'];
/** Of the session, not of the data: another version's server or client need not know them. */
const SESSION_ONLY = /^(?:SET |SELECT pg_catalog\.set_config|\\(?:un)?restrict|--|$)/;

/** The content of a database as statements that any version of PostgreSQL from 13 on takes. */
export async function dumpPostgresql(server: PostgresServer, database: string): Promise<string> {
  const text = await server.run('pg_dump', [...OPTIONS, database]);
  const kept = text.split('\n').filter((line) => !SESSION_ONLY.test(line));
  return `${kept.join('\n')}\n`;
}

/** Fills an empty database with such statements. */
export async function restorePostgresql(
  server: PostgresServer,
  database: string,
  { sql, folder }: { readonly sql: string; readonly folder: string },
): Promise<void> {
  const file = join(folder, 'restore.sql');
  await writeFile(file, sql);
  await server.run('psql', ['-Xq1', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', file]);
  await rm(file);
}

/** The database that a URL of the lab's names. */
export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
