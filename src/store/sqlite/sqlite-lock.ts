import { chmodSync, chownSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileFailure } from '../../files/file-failure.ts';
import { Failure } from '../../model/failure.ts';

const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
/** https://www.sqlite.org/rescode.html */
const BUSY = 5;
/** The folder of the lock, which only its owner may enter, and the file in it. */
const FOLDER = 'lock';
const FILE = 'held.sqlite';
/**
 * Locked databases by device and inode. The map keeps them from being collected, which would release the
 * lock. It also keeps this process from opening the file again: closing it would release all locks of the
 * process on it.
 */
const locks = new Map<string, DatabaseSync>();
const WRITABLE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/**
 * Locks a folder for this process, by an exclusive transaction on an empty SQLite file in it. The kernel
 * releases the lock however the process ends, the lock works across all namespaces that see the folder, and
 * only the folder's owner can open the file.
 * @returns a function that releases the lock; undefined when another process has it
 * @throws {Failure} `unavailable` when the folder or the file cannot be used, or belongs to another user
 */
export function lockFolder(folder: string): (() => void) | undefined {
  try {
    const { dev, ino } = statSync(folder);
    const key = `${dev}:${ino}`;
    const database = locks.has(key) ? undefined : lockedFile(prepare(folder));
    if (database === undefined) return undefined;
    locks.set(key, database);
    return () => {
      if (locks.delete(key)) database.close();
    };
  } catch (error) {
    throw fileFailure(error) ?? error;
  }
}

/** @returns the path of the file, which only this user can open */
function prepare(folder: string): string {
  const { mode, uid } = statSync(folder);
  if ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0)
    throw refusal(`${folder} can be written to by every user of this machine: chmod o-w it`);
  // The lock of a service that runs as another user must belong to that user, also if root takes it.
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
    throw refusal(`${path} is not empty, so it is not a lock of Nameplate: remove it`);
  return path;
}

function lockedFile(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // No journal on the disk: nothing is written, so that the lock also works on a full disk.
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
