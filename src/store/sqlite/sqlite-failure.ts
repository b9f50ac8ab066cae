import { Failure } from '../../model/failure.ts';

/** https://www.sqlite.org/rescode.html: primary codes, the low byte of SQLite's codes. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;
const CONSTRAINT_FOREIGNKEY = 787;
/** SQLite could not enlarge the file with the memory that connections share. */
const IOERR_SHMSIZE = 4874;

const OPERATOR_WORDS: Readonly<Record<number, string>> = {
  [BUSY]: 'is held by another process',
  [LOCKED]: 'is held by another process',
  [READONLY]: 'cannot be written to',
  [IOERR]: 'cannot be read or written: the disk reports an error',
  [CORRUPT]:
    'is damaged; restore it from a backup (nameplate db restore), or save what can be read with `sqlite3 FILE .recover`',
  [CANTOPEN]: 'cannot be opened',
  [NOTADB]: 'is not a SQLite database',
};

/** Converts an error about the database file at `path` to a Failure. */
export function sqliteFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  const { errcode, message } = error as { errcode?: number; message?: string };
  const options = (word: string) => ({
    operatorText: `The store ${path} ${word} (SQLite: ${message}).`,
    cause: error,
  });
  const code = (errcode ?? 0) & 0xff;
  if (code === FULL || errcode === IOERR_SHMSIZE)
    return new Failure(
      'out-of-space',
      'The store is full; nothing was changed.',
      options('has no space left'),
    );
  if (errcode === CONSTRAINT_FOREIGNKEY)
    return new Failure('conflict', 'It refers to something that does not exist.', options('refused a row'));
  if (code === CONSTRAINT) return new Failure('conflict', 'It exists already.', options('refused a row'));
  const word = OPERATOR_WORDS[code];
  if (word !== undefined)
    return new Failure('unavailable', 'The store cannot be used at the moment.', options(word));
  return new Failure('internal', 'An unexpected error prevented the server from fulfilling your request.', {
    operatorText: `The store ${path} refused a query: ${message}`,
    cause: error,
  });
}
