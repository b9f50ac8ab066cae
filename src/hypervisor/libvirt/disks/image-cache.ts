import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import type { ImageSource } from '../../driver.ts';
import { inspectImage } from '../image-inspection/inspect-image.ts';
import type { InspectionOptions } from '../image-inspection/inspector.ts';
import { download, type Expected } from './download.ts';
import { exists, makeDirectory, renameDurably, syncFile } from './durable-file.ts';
import { diskFailure } from './failures.ts';
import { withImageFile } from './image-file.ts';
import { convertToRaw, virtualSizeOf } from './qemu-img.ts';
import { SharedWork } from './shared-work.ts';

const PARTIAL = '.partial';

/** A raw file below the disks of guests. */
export interface BaseImage {
  readonly path: string;
  /** bytes, as the guest sees the disk */
  readonly size: number;
}

export interface ImageCacheOptions {
  readonly directory: string;
  readonly images: ImageSource;
  readonly inspection: InspectionOptions;
}

/**
 * The images that this host has fetched. Raw ones (and discs, and those of ami kind) are kept under their checksum as they came;
 * others are converted to raw once and kept as `<checksum>.<format>`: so no format that a guest's user made is ever read while
 * guests run, an overlay's reads go straight to a file, and each image pays for the conversion once a host.
 */
export class ImageCache {
  readonly #options: ImageCacheOptions;
  readonly #fetching = new SharedWork<string>();
  readonly #converting = new SharedWork<string>();

  constructor(options: ImageCacheOptions) {
    this.#options = options;
  }

  /** Removes what an earlier process left unfinished. To be called before all else. */
  async prepare(): Promise<void> {
    const { directory } = this.#options;
    await makeDirectory(directory);
    const names = await readdir(directory);
    await Promise.all(
      names
        .filter((name) => name.endsWith(PARTIAL))
        .map((name) => rm(join(directory, name), { force: true })),
    );
  }

  /**
   * The raw base of an image's disks, fetched and converted if it is not here yet. It is inspected each time.
   * @param largest - bytes that the disk may have; null for no limit. Checked before anything is converted.
   * @throws {Failure} `invalid` when the image cannot be used, `not-found` when it is gone, `out-of-space`.
   */
  async base(image: ImageSnapshot, largest: number | null, signal: AbortSignal): Promise<BaseImage> {
    const asItCame = ['raw', 'ami', 'aki', 'ari', 'iso'].includes(image.diskFormat);
    const path = asItCame
      ? await this.#fetchedDisk(image, signal)
      : await this.#converted(image, largest, signal);
    const { size } = await stat(path);
    assertFits(size, largest);
    const declared = { name: image.id, diskFormat: asItCame ? image.diskFormat : ('raw' as const) };
    await withImageFile(path, (content) => inspectImage(content, declared, this.#options.inspection));
    return { path, size };
  }

  /** The file of a kernel or ramdisk image. Its bytes go to the guest as they are. */
  async bootFile(id: ImageId, signal: AbortSignal): Promise<string> {
    return this.#fetched(id, `boot-${id}`, { name: id, size: null, checksum: null }, signal);
  }

  #fetchedDisk(image: ImageSnapshot, signal: AbortSignal): Promise<string> {
    const { id, checksum, size } = image;
    return this.#fetched(id, checksum, { name: id, size, checksum }, signal);
  }

  /** Fetches an image's bytes into `name`, unless they are there; many who ask at once share one download. */
  async #fetched(id: ImageId, name: string, expected: Expected, signal: AbortSignal): Promise<string> {
    if (!/^[0-9a-z][0-9a-z-]{0,63}$/.test(name))
      throw new Failure('invalid', `Image ${id} has the checksum '${name}', which is not an md5 in hex.`);
    const path = join(this.#options.directory, name);
    if (await exists(path)) return path;
    return this.#fetching.do(path, signal, async (stop) => {
      await this.#finish(path, `image ${id}`, async (scratch) => {
        await download(await this.#options.images.open(id), scratch, expected, stop);
      });
      return path;
    });
  }

  async #converted(image: ImageSnapshot, largest: number | null, signal: AbortSignal): Promise<string> {
    const path = join(this.#options.directory, `${image.checksum}.${image.diskFormat}`);
    if (await exists(path)) return path;
    const original = await this.#fetchedDisk(image, signal);
    const format = await withImageFile(original, (content) =>
      inspectImage(content, { name: image.id, diskFormat: image.diskFormat }, this.#options.inspection),
    );
    assertFits(await virtualSizeOf(original, format, signal), largest);
    return this.#converting.do(path, signal, async (stop) => {
      await this.#finish(path, `image ${image.id}`, async (scratch) => {
        await convertToRaw({ source: original, format, target: scratch, signal: stop });
        await syncFile(scratch);
      });
      await rm(original, { force: true });
      return path;
    });
  }

  /** Lets `make` write a file of another name, and gives it its own when it is whole. */
  async #finish(path: string, what: string, make: (scratch: string) => Promise<void>): Promise<void> {
    const scratch = `${path}.${randomUUID()}${PARTIAL}`;
    try {
      await make(scratch);
      await renameDurably(scratch, path);
    } catch (error) {
      throw diskFailure(what, error);
    } finally {
      await rm(scratch, { force: true });
    }
  }
}

function assertFits(size: number, largest: number | null): void {
  if (largest === null || size <= largest) return;
  throw new Failure(
    'invalid',
    `Flavor's disk is too small for requested image. Flavor disk is ${largest} bytes, image is ${size} bytes.`,
  );
}
