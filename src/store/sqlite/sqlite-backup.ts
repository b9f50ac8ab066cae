import { existsSync } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { fileFailure } from '../../files/file-failure.ts';
import { syncDirectory } from '../../files/whole-file.ts';
import { Failure } from '../../model/failure.ts';
import { sqliteFailure } from './sqlite-failure.ts';

/** Pages copied between two calls of `onProgress`. */
const PAGES_AT_ONCE = 2_000;
/** Milliseconds to wait for a process that is just opening or closing the database. */
const BUSY_TIMEOUT = 5_000;
/**
 * Files that SQLite keeps beside a database: its write-ahead log, the index of that, and a rollback journal.
 */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const;
/** A table that every version of Nameplate has. */
const KNOWN_TABLE = 'servers';

/** The copy to make. */
export interface SqliteCopy {
  /** Path of a database; other processes may be writing to it. */
  readonly from: string;
  /** Path of the copy. It is written beside, checked, synced, and then renamed to this. */
  readonly to: string;
  /** Where to keep an existing file of `to`. Without it, the copy replaces the file. */
  readonly keepOldAs?: string;
  /** Called with the path of the checked copy, before it is renamed. When it throws, `to` stays as it was. */
  readonly prepare?: (copy: string) => Promise<void>;
  readonly onProgress?: (pages: { readonly done: number; readonly total: number }) => void;
}

/**
 * Copies a SQLite database as it is at one moment, while others write to it. The copy is one file without
 * companions, readable by its owner only, and appears whole or not at all.
 * @throws {Failure} `unavailable` when either file cannot be used or `from` is damaged, `invalid` when it is
 * not a database of Nameplate or the copy would replace it, `out-of-space`
 */
export async function copySqlite({ from, to, keepOldAs, prepare, onProgress }: SqliteCopy): Promise<void> {
  const scratch = `${to}.new`;
  await requireApart(from, [to, scratch]);
  try {
    await removeDatabase(scratch);
    await (await open(scratch, 'wx', 0o600)).close();
    await copyPages(from, scratch, onProgress);
    check(scratch, from);
    await prepare?.(scratch);
    await withFile(scratch, (file) => file.sync());
    if (keepOldAs !== undefined) await keepOld(to, keepOldAs);
    await rename(scratch, to);
    await syncDirectory(dirname(to));
  } catch (error) {
    await removeDatabase(scratch).catch(() => {});
    throw fileFailure(error) ?? error;
  }
}

/** Refuses paths at which the copy would replace the database or one of its companions. */
async function requireApart(from: string, written: readonly string[]): Promise<void> {
  const database = (
    await Promise.all(['', ...COMPANIONS].map((suffix) => stat(from + suffix).catch(() => undefined)))
  ).filter((each) => each !== undefined);
  for (const path of written) {
    const there = await lstat(path).catch(() => undefined);
    if (there === undefined) continue;
    if (database.some(({ dev, ino }) => dev === there.dev && ino === there.ino))
      throw new Failure(
        'invalid',
        `${path} is a file of the database ${from}: a copy cannot replace its own source.`,
      );
  }
}

async function copyPages(from: string, to: string, onProgress: SqliteCopy['onProgress']): Promise<void> {
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT });
    // An open read transaction pins one state of the database. Without it, each commit of another process
    // restarts the copy.
    source.exec('begin');
    source.prepare('select count(*) from sqlite_schema').get();
    await backup(source, to, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) =>
        onProgress?.({ done: totalPages - remainingPages, total: totalPages }),
    });
  } catch (error) {
    const failure = sqliteFailure(error, from);
    // Only the copy is written, so only its disk can be full.
    throw failure instanceof Failure && failure.kind === 'out-of-space' ? sqliteFailure(error, to) : failure;
  } finally {
    source?.close();
  }
}

/** @param from the source of the copy, for error texts */
function check(copy: string, from: string): void {
  const database = new DatabaseSync(copy);
  try {
    database.exec('pragma journal_mode = delete'); // one file that can be moved, also to where nothing can be written
    const [{ quick_check: found }] = database.prepare('pragma quick_check(1)').all() as [
      { quick_check: string },
    ];
    if (found !== 'ok')
      throw new Failure('unavailable', 'The store is damaged.', {
        operatorText: `${from} is damaged (SQLite: ${found}). \`sqlite3 FILE .recover\` saves what can be read.`,
      });
    const tables = database.prepare('select name from sqlite_schema where name = ?').all(KNOWN_TABLE);
    if (tables.length === 0)
      throw new Failure(
        'invalid',
        `${from} is a SQLite database, but not one of Nameplate: it has no table ${KNOWN_TABLE}.`,
      );
  } catch (error) {
    throw sqliteFailure(error, from);
  } finally {
    database.close();
  }
}

/**
 * Gives the database at `path` a second name. The caller then renames another database over the first name,
 * so that a database exists there at every moment.
 */
async function keepOld(path: string, as: string): Promise<void> {
  foldIn(path);
  for (const companion of COMPANIONS) await unlessMissing(rename(path + companion, as + companion));
  await unlessMissing(link(path, as));
}

/** Moves the write-ahead log into the file. A database that is too damaged for this is kept with its log. */
function foldIn(path: string): void {
  if (!existsSync(path)) return; // opening would create it
  try {
    const database = new DatabaseSync(path);
    try {
      database.exec('pragma wal_checkpoint(truncate)');
    } finally {
      database.close();
    }
  } catch {}
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', ...COMPANIONS]) await rm(path + suffix, { force: true });
}

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

async function unlessMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
