import { chmodSync, chownSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileFailure } from '../../files/file-failure.ts';
import { Failure } from '../../model/failure.ts';

const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
/** https://www.sqlite.org/rescode.html */
const BUSY = 5;
/** The folder of the lock, for its owner alone, and the file in it. */
const FOLDER = 'lock';
const FILE = 'held.sqlite';
/**
 * What is locked, by device and inode. A database that nothing refers to would be collected, and its lock
 * with it. And closing a file lets go of all locks that this process has on it, so what is locked here is not
 * opened again.
 */
const held = new Map<string, DatabaseSync>();
const BY_OTHERS = 0o002;
const STICKY = 0o1000;

/**
 * Takes a folder for this process alone: an exclusive transaction on a SQLite file in it, which never gets a
 * byte. The kernel ends it however the process ends, it holds across all namespaces that see the folder, and
 * only the folder's owner can open the file.
 * @returns lets go; undefined when another process has it
 * @throws {Failure} `unavailable` when the folder or the file cannot be used, or is another user's
 */
export function lockFolder(folder: string): (() => void) | undefined {
  try {
    const { dev, ino } = statSync(folder);
    const key = `${dev}:${ino}`;
    const database = held.has(key) ? undefined : lockedFile(prepare(folder));
    if (database === undefined) return undefined;
    held.set(key, database);
    return () => {
      if (held.delete(key)) database.close();
    };
  } catch (error) {
    throw fileFailure(error) ?? error;
  }
}

/** @returns the path of the file, which is this user's and nobody else's */
function prepare(folder: string): string {
  const { mode, uid } = statSync(folder);
  if ((mode & BY_OTHERS) !== 0 && (mode & STICKY) === 0)
    throw refusal(`${folder} can be written to by every user of this machine: chmod o-w it`);
  // What root makes for the service of another user is that user's.
  const isRoot = process.getuid?.() === 0;
  const owner = isRoot ? uid : (process.getuid?.() ?? uid);
  const own = (path: string) => {
    if (isRoot) chownSync(path, owner, -1);
    else if (statSync(path).uid !== owner) throw refusal(`${path} belongs to another user`);
  };
  const lock = join(folder, FOLDER);
  mkdirSync(lock, { recursive: true, mode: 0o700 });
  own(lock);
  chmodSync(lock, 0o700);
  const path = join(lock, FILE);
  closeSync(openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600));
  own(path);
  chmodSync(path, 0o600);
  if (statSync(path).size > 0)
    throw refusal(`${path} is not empty, so it is no lock of Nameplate: remove it`);
  return path;
}

function lockedFile(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Without a journal on the disk: nothing is ever written, so the lock can be taken on a full disk too.
    database.exec('pragma journal_mode = memory; begin exclusive');
    return database;
  } catch (error) {
    database.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY) return undefined;
    throw refusal(`${path} cannot be locked (SQLite: ${(error as Error).message})`);
  }
}

function refusal(sentence: string): Failure {
  return new Failure('unavailable', 'The folder cannot be used.', { operatorText: `${sentence}.` });
}
