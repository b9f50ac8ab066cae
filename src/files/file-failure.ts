import { Failure } from '../model/failure.ts';

/** Explanations of error codes of the file system; `man 3 errno`. */
const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on its disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than files may be',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'its file system is read-only',
  ENOENT: 'it, or a folder above it, does not exist',
  ENOTDIR: 'something above it is a file and not a folder',
  EISDIR: 'it is a folder and not a file',
  EEXIST: 'there is something else of that name',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  EIO: 'its disk reports an error',
};
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether an error of the file system means that there is no space left. */
export function isNoRoom(error: unknown): boolean {
  return NO_ROOM.includes((error as NodeJS.ErrnoException | undefined)?.code);
}

/**
 * Converts an error of the file system to a failure with one sentence that names the file: `out-of-space` or
 * `unavailable`.
 * @returns undefined for any other error
 */
export function fileFailure(error: unknown): Failure | undefined {
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof path !== 'string' || syscall === undefined) return undefined;
  if (syscall === 'connect' || syscall.startsWith('spawn')) return undefined; // the path is a socket or a program
  const reads = syscall === 'read' || syscall === 'scandir' || syscall === 'stat';
  const operatorText = `${path} cannot be ${reads ? 'read' : 'used'}: ${WHY[code] ?? code}.`;
  return isNoRoom(error)
    ? new Failure('out-of-space', 'There is no space left.', { operatorText, cause: error })
    : new Failure('unavailable', 'A file of the service cannot be used.', { operatorText, cause: error });
}
