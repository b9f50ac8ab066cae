import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import { exists, linkOrCopy, makeWhole } from './durable-file.ts';
import { isMissing } from './failures.ts';

/** What hosts tell each other of a kernel or ramdisk: the image that it is of, and its content. */
export interface BootFile {
  readonly id: ImageId;
  /** SHA-256, hex */
  readonly sum: string;
}

const SUM = /^[0-9a-f]{64}$/;

/**
 * Kernels and ramdisks in the image cache by their content: `boot-<image>.<SHA-256>`. The checksum of such an image is not part of a plan, so one that
 * came from another host is never taken for the image's data, only for what a set of the same content is made with.
 */
export class BootFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Sums of what is here of these images. */
  async held(images: readonly (ImageId | null)[]): Promise<string[]> {
    const names = await readdir(this.#directory);
    return images
      .filter((id) => id !== null)
      .flatMap((id) => names.filter((name) => name.startsWith(`${stemOf(id)}.`)).map(sumIn))
      .filter((sum) => SUM.test(sum));
  }

  /** Gives the downloaded data of an image its name by content, unless it has one. */
  async know(id: ImageId, path: string): Promise<void> {
    if ((await this.#knownSum(path, `${stemOf(id)}.`)) !== undefined) return;
    await linkOrCopy(path, this.#pathOf({ id, sum: await sumOfFile(path) }));
  }

  /** The sum of a file, read only where it is not one of these by another name. */
  async sumOf(path: string): Promise<string> {
    return (await this.#knownSum(path, stemOf(''))) ?? (await sumOfFile(path));
  }

  /**
   * The file of this content, which `write` makes if it is not here.
   * @throws {Failure} `invalid` when the content is not what it says, `not-found` when there is nothing to make it with
   */
  async adopt(file: BootFile, write: ((scratch: string) => Promise<void>) | null): Promise<string> {
    if (!SUM.test(file.sum)) throw new Failure('invalid', `'${file.sum}' is not a SHA-256 sum in hex.`);
    const path = this.#pathOf(file);
    const what = `the boot file of image ${file.id}`;
    if (write !== null)
      await makeWhole(path, what, async (scratch) => {
        await write(scratch);
        const sum = await sumOfFile(scratch);
        if (sum !== file.sum)
          throw new Failure('invalid', `Another host's ${what} has the SHA-256 ${sum}, not ${file.sum}.`);
      });
    else if (!(await exists(path)))
      throw new Failure('not-found', `The compute host does not hold ${what} any more.`);
    return path;
  }

  /** The sum in the name of a file that is the very same, by another name that begins so. */
  async #knownSum(path: string, beginning: string): Promise<string | undefined> {
    const wanted = await stat(path);
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(beginning) || !SUM.test(sumIn(name))) continue;
      const found = await stat(join(this.#directory, name)).catch(unlessMissing);
      if (found?.ino === wanted.ino && found.dev === wanted.dev) return sumIn(name);
    }
    return undefined;
  }

  #pathOf({ id, sum }: BootFile): string {
    return join(this.#directory, `${stemOf(id)}.${sum}`);
  }
}

function stemOf(id: ImageId | ''): string {
  return `boot-${id}`;
}

function sumIn(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

async function sumOfFile(path: string): Promise<string> {
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sha256);
  return sha256.digest('hex');
}
