import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../files/whole-file.ts';
import { Failure } from '../model/failure.ts';
import type { ImageDataName } from '../model/image.ts';
import type { Store } from '../store/promise/store.ts';
import { sweepImages } from './sweep-images.ts';
import type { WrittenData } from './write-stream.ts';

/** The image's id and the attempt. Older releases used the id alone, or a `.partial` file. */
const DATA_NAME = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:\.[0-9a-f-]+)?(?:\.partial)?$/;
/** Age after which an upload cannot be in progress any more. Milliseconds. */
const MAX_UPLOAD_MS = 24 * 60 * 60_000;
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * Opens the folder of image data, creates it if necessary, and reconciles data with images: see {@link
 * sweepImages}. Call it before anything else writes images.
 */
export async function openImageFiles(at: {
  readonly folder: string;
  readonly store: Store;
  /**
   * Whether other processes write to the folder too. Then only data that is too old to be theirs is removed.
   */
  readonly isShared?: boolean;
}): Promise<ImageFiles> {
  await mkdir(at.folder, { recursive: true, mode: 0o700 });
  const files = new ImageFiles(at.folder);
  const before = at.isShared === true ? Date.now() - MAX_UPLOAD_MS : Number.POSITIVE_INFINITY;
  await sweepImages(at.store, files, { now: Date.now, before });
  return files;
}

/**
 * Image data as files in one directory, one file for each upload. The image's record names the committed
 * file. A file that no record names is a leftover of an interrupted upload, which {@link sweep} removes.
 */
export class ImageFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Stores the whole stream, or nothing when it fails. The stream stays open, so that its sender can be
   * answered.
   * @throws {Failure} `out-of-space`, `too-large` past `maxBytes`
   */
  async write(name: ImageDataName, data: Readable, maxBytes: number): Promise<WrittenData> {
    const handle = await open(this.#path(name), 'wx', 0o600).catch((thrown) => {
      throw asNoRoom(thrown);
    });
    try {
      const { writeStream } = await import('./write-stream.ts'); // worker threads are no part of a start
      const taken = await writeStream(handle, data, maxBytes);
      await syncDirectory(this.#directory);
      return taken;
    } catch (thrown) {
      await this.delete(name);
      throw asNoRoom(thrown);
    }
  }

  /**
   * The data, or the bytes from `start` to `end`, both included and counted from 0.
   * @throws {Failure} `not-found` when the data is gone
   */
  async read(
    name: ImageDataName,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Readable> {
    try {
      const handle = await open(this.#path(name), 'r');
      return handle.createReadStream({ highWaterMark: 256 * 1024, ...range });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
      throw new Failure('not-found', 'The data of the image is gone.', { operatorText: this.#path(name) });
    }
  }

  /** Removes the data; does nothing if there is none. Open readers can read it to its end. */
  async delete(name: ImageDataName): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  /**
   * Removes data that no image has and that was last written before `before` (epoch milliseconds).
   * @returns the number of files
   */
  async sweep(keep: ReadonlySet<ImageDataName>, before = Number.POSITIVE_INFINITY): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#directory)) {
      if (!DATA_NAME.test(name) || keep.has(name as ImageDataName)) continue;
      const path = join(this.#directory, name);
      if (((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) >= before) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  #path(name: ImageDataName): string {
    if (!DATA_NAME.test(name)) throw new Error(`'${name}' is not a name of image data`);
    return join(this.#directory, name);
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
