import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../model/failure.ts';
import { type Libpq, libpqOf, runTool, startTool } from './postgresql-tools.ts';

/** A table that every version of Nameplate has, as `pg_restore --list` prints it. */
const KNOWN_TABLE = / TABLE \S+ servers /;
/** The one row of the table `nameplate_schema`, as `pg_restore` prints it. */
const VERSION_ROW = /^COPY \S+ \(version\) FROM stdin;\n(\d+)$/m;
const COUNT_SESSIONS = `select count(*) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
const COUNT_TABLES = `select count(*) from pg_class
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`;
/**
 * `pg_restore --clean` removes only what the dump has: a table that a newer version added would stay, and
 * fail that version's migration. What belongs to an extension goes and comes with the extension.
 */
const DROP_ALL = `do $$
  declare command text;
  begin
    for command in
      select format('drop table if exists %s cascade', c.oid::regclass) from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
      union all
      select format('drop function if exists %s cascade', p.oid::regprocedure) from pg_proc p
        where p.pronamespace = current_schema()::regnamespace and p.prokind = 'f'
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    loop
      execute command;
    end loop;
  end
$$;
`;

/**
 * Dumps a database as it is at one moment, with `pg_dump --format=custom`, while others write to it. The file
 * is readable by its owner only, and appears whole or not at all.
 * @param url as in `[database] connection`
 * @throws {Failure} `unavailable` when `pg_dump` is missing or fails, with its words
 */
export async function dumpPostgresql({
  url,
  to,
}: {
  readonly url: string;
  readonly to: string;
}): Promise<void> {
  const scratch = `${to}.new`;
  try {
    await (await open(scratch, 'w', 0o600)).close();
    const words = ['--format=custom', '--no-owner', '--no-privileges', '--no-password', `--file=${scratch}`];
    await runTool(libpqOf(url), 'pg_dump', words);
    await sync(scratch);
    await rename(scratch, to);
    await sync(dirname(to));
  } catch (error) {
    await rm(scratch, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Replaces all tables of a database by those of a dump, in one transaction: it has either all of the dump or
 * all that it had before.
 * @param url as in `[database] connection`
 * @param checkVersion called with the version of the dump's tables. When it throws, nothing is replaced.
 * @throws {Failure} `conflict` when somebody is connected to the database, or when it has tables and `force`
 * is not given; `invalid` when the file is not a dump of Nameplate; `unavailable` when a program is missing
 * or fails, with its words
 */
export async function restorePostgresql({
  url,
  from,
  force,
  checkVersion,
}: {
  readonly url: string;
  readonly from: string;
  readonly force: boolean;
  readonly checkVersion: (version: number) => void;
}): Promise<void> {
  const database = libpqOf(url);
  await sync(from); // says which file cannot be read
  if (!KNOWN_TABLE.test(await runTool(undefined, 'pg_restore', ['--list', from])))
    throw new Failure('invalid', `${from} is not a backup of Nameplate: it has no table servers.`);
  checkVersion(await versionOf(from));
  const sessions = await count(database, COUNT_SESSIONS);
  if (sessions > 0)
    throw new Failure(
      'conflict',
      `${sessions} other sessions are connected to the database: stop every replica of Nameplate first.`,
    );
  const tables = await count(database, COUNT_TABLES);
  if (tables > 0 && !force)
    throw new Failure(
      'conflict',
      `The database has ${tables} tables: --force replaces all tables of the schema by those of the backup.`,
    );
  await replace(database, from);
}

/** The version of the tables in a dump. */
async function versionOf(from: string): Promise<number> {
  const words = ['--data-only', '--table=nameplate_schema', '--file=-', from];
  const version = VERSION_ROW.exec(await runTool(undefined, 'pg_restore', words))?.[1];
  if (version !== undefined) return Number(version);
  throw new Failure('invalid', `${from} is not a backup of Nameplate: it does not say its version.`);
}

/**
 * `pg_restore` writes SQL, `psql` runs it. The transaction is committed only after `pg_restore` has
 * succeeded.
 */
async function replace(database: Libpq, from: string): Promise<void> {
  const script = startTool(undefined, 'pg_restore', ['--no-owner', '--no-privileges', '--file=-', from]);
  const psql = startTool(database, 'psql', []);
  psql.child.stdout?.resume();
  psql.child.stdin?.write(`begin;\n${DROP_ALL}`);
  script.child.stdout?.pipe(psql.child.stdin!, { end: false });
  const written = script.ended.then(
    () => psql.child.stdin?.end('commit;\n'),
    (error) => {
      psql.child.stdin?.end('rollback;\n');
      throw error;
    },
  );
  const ended = psql.ended.catch((error) => {
    script.child.kill();
    throw error;
  });
  const [byPsql, byRestore] = await Promise.allSettled([ended, written]);
  // The end of psql ends pg_restore too: the first reason is psql's.
  for (const result of [byPsql, byRestore]) if (result.status === 'rejected') throw result.reason;
}

async function count(database: Libpq, query: string): Promise<number> {
  return Number(await runTool(database, 'psql', ['--tuples-only', '--no-align', `--command=${query}`]));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
