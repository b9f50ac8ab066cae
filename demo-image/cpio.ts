/** One entry of an archive. `mode` has the file type's bits, as in stat(2). */
export interface ArchiveEntry {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

const TYPE_FILE = 0o100000;
const TYPE_DIRECTORY = 0o040000;
const TYPE_LINK = 0o120000;
const END_OF_ARCHIVE = 'TRAILER!!!';

/** A regular file; readable by all, and executable when `executable`. */
export function file(path: string, content: Uint8Array, executable = false): ArchiveEntry {
  return { path, mode: TYPE_FILE | (executable ? 0o755 : 0o644), content };
}

/** A directory. Parents come before what they hold. */
export function directory(path: string): ArchiveEntry {
  return { path, mode: TYPE_DIRECTORY | 0o755, content: new Uint8Array() };
}

/** A symbolic link to `target`. */
export function link(path: string, target: string): ArchiveEntry {
  return { path, mode: TYPE_LINK | 0o777, content: Buffer.from(target) };
}

/**
 * The entries as a cpio archive in the "newc" form that the kernel unpacks (docs.kernel.org,
 * driver-api/early-userspace/buffer-format). The same entries always give the same bytes: times and owners
 * are zero.
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const end: ArchiveEntry = { path: END_OF_ARCHIVE, mode: 0, content: new Uint8Array() };
  return Buffer.concat([...entries, end].flatMap(entryBytes));
}

function entryBytes(entry: ArchiveEntry, index: number): Uint8Array[] {
  const name = Buffer.from(`${entry.path}\0`);
  const links = (entry.mode & TYPE_DIRECTORY) === TYPE_DIRECTORY ? 2 : 1;
  const noDevice = [0, 0, 0, 0];
  const fields = [index + 1, entry.mode, 0, 0, links, 0, entry.content.length, ...noDevice, name.length, 0];
  const header = Buffer.from(`070701${fields.map(eightHexDigits).join('')}`);
  return [header, name, padding(header.length + name.length), entry.content, padding(entry.content.length)];
}

function eightHexDigits(value: number): string {
  return value.toString(16).padStart(8, '0').toUpperCase();
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
