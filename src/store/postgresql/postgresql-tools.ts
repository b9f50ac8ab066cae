import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Failure } from '../../model/failure.ts';

export type PostgresqlTool = 'pg_dump' | 'pg_restore' | 'psql';

/** A database as libpq's programs take it. */
export interface Libpq {
  /** A URL without a password: every user of the machine can read the arguments of a process. */
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** @param connection as in `[database] connection`; a driver's name may follow `postgresql` */
export function libpqOf(connection: string): Libpq {
  const url = new URL(connection.replace(/^\w+(\+\w+)?:/, 'postgresql:'));
  const password = url.searchParams.get('password') ?? decodeURIComponent(url.password);
  url.password = '';
  // A search that is written anew has `+` for a space, which libpq does not read.
  if (url.searchParams.has('password')) {
    url.searchParams.delete('password');
    url.search = url.search.replaceAll('+', '%20');
  }
  return { url: url.href, environment: password === '' ? {} : { PGPASSWORD: password } };
}

/**
 * Starts one of PostgreSQL's programs on a database. `psql` reads no startup file, and stops at the first
 * error.
 * @param database undefined for a program that only reads a file
 */
export function startTool(
  database: Libpq | undefined,
  tool: PostgresqlTool,
  words: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<void> } {
  const fixed = tool === 'psql' ? ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--no-password'] : [];
  const where = database === undefined ? [] : [`--dbname=${database.url}`];
  const child = spawn(tool, [...fixed, ...where, ...words], {
    stdio: 'pipe',
    env: { ...process.env, ...database?.environment },
  });
  child.stdin.on('error', () => {}); // the end of the program says more
  return { child, ended: endOf(child, tool) };
}

/** Runs a program to its end. @returns what it printed @throws {Failure} `unavailable` with its words */
export async function runTool(
  database: Libpq | undefined,
  tool: PostgresqlTool,
  words: readonly string[],
): Promise<string> {
  const { child, ended } = startTool(database, tool, words);
  child.stdin?.end();
  const [printed] = await Promise.all([text(child.stdout!), ended]);
  return printed;
}

async function endOf(child: ChildProcess, tool: PostgresqlTool): Promise<void> {
  const errorText = text(child.stderr!).catch(() => '');
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (status === 0) return;
    throw failed(tool, `ended with status ${status}: ${(await errorText).trim().replaceAll('\n', ' ')}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw failed(tool, "is not installed; Debian's package of it is postgresql-client");
  }
}

function failed(tool: PostgresqlTool, why: string): Failure {
  return new Failure('unavailable', 'The database cannot be used.', { operatorText: `${tool} ${why}.` });
}
