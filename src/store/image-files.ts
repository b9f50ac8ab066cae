import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import { type ImageId, isUuid } from '../model/ids.ts';
import type { Store } from './store.ts';
import { sweepImages } from './sweep-images.ts';

const PARTIAL = '.partial';
/** No upload lasts longer. Milliseconds. */
const LONGEST_UPLOAD_MS = 24 * 60 * 60_000;
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What was taken in. */
interface Taken {
  /** bytes */
  readonly size: number;
  /** hex */
  readonly md5: string;
  /** hex */
  readonly sha512: string;
}

/**
 * Opens the folder of image data, makes it when it is not there, and brings data and images together: see {@link sweepImages}.
 * To be called before anything else writes images.
 */
export async function openImageFiles(at: {
  readonly folder: string;
  readonly store: Store;
  /** Whether other processes write to the folder, too: then only what is too old to be theirs is removed. */
  readonly isShared?: boolean;
}): Promise<ImageFiles> {
  await mkdir(at.folder, { recursive: true, mode: 0o700 });
  const files = new ImageFiles(at.folder);
  const before = at.isShared === true ? Date.now() - LONGEST_UPLOAD_MS : Number.POSITIVE_INFINITY;
  await sweepImages(at.store, files, { now: Date.now, before });
  return files;
}

/** Image data as files of one directory, named by the image's id. A file with that name is whole and on disk. */
export class ImageFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Takes the whole stream in; nothing is kept when it fails. The stream is left open, so that its sender can be answered.
   * @throws {Failure} `out-of-space`, `too-large` past `maxBytes`
   */
  async write(id: ImageId, data: Readable, maxBytes: number): Promise<Taken> {
    const partial = `${this.#path(id)}.${randomBytes(6).toString('hex')}${PARTIAL}`;
    try {
      const taken = await writeWhole(partial, data, maxBytes);
      await rename(partial, this.#path(id));
      await syncDirectory(this.#directory);
      return taken;
    } catch (thrown) {
      await rm(partial, { force: true });
      throw asNoRoom(thrown);
    }
  }

  /**
   * The data, or the bytes `start` to `end`, both counted from 0 and both included.
   * @throws {Failure} `not-found` when the data is gone
   */
  async read(id: ImageId, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    try {
      const handle = await open(this.#path(id), 'r');
      return handle.createReadStream({ highWaterMark: 256 * 1024, ...range });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
      throw new Failure('not-found', `The data of image ${id} is gone.`, { operatorText: this.#path(id) });
    }
  }

  /** Removes the data; none there is as good. Whoever is reading it reads it to its end. */
  async delete(id: ImageId): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** Removes what no image has: data of other ids, and what an interrupted upload left, last written before `before` (epoch milliseconds). @returns how many files */
  async sweep(keep: ReadonlySet<ImageId>, before = Number.POSITIVE_INFINITY): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#directory)) {
      const isOurs = name.endsWith(PARTIAL) || isUuid(name);
      if (!isOurs || keep.has(name as ImageId)) continue;
      const path = join(this.#directory, name);
      if (((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) >= before) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  #path(id: ImageId): string {
    return join(this.#directory, id);
  }
}

async function writeWhole(path: string, data: Readable, maxBytes: number): Promise<Taken> {
  const md5 = createHash('md5');
  const sha512 = createHash('sha512');
  let size = 0;
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of data.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes)
        throw new Failure('too-large', `Image data is larger than the ${maxBytes} bytes that are accepted.`);
      md5.update(chunk);
      sha512.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { size, md5: md5.digest('hex'), sha512: sha512.digest('hex') };
}

/** One write may take less than it was given, on a disk that is nearly full. */
async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let rest = chunk;
  while (rest.length > 0) rest = rest.subarray((await handle.write(rest)).bytesWritten);
}

/** A name is on disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function asNoRoom(thrown: unknown): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (!NO_ROOM.includes(code)) return thrown;
  return new Failure('out-of-space', 'There is no space left where image data is kept.', {
    operatorText: message,
    cause: thrown,
  });
}
