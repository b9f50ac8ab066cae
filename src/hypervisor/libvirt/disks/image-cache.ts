import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import type { ImageSource, ImageUrls } from '../../driver.ts';
import { inspectImage } from '../image-inspection/inspect-image.ts';
import type { InspectionOptions } from '../image-inspection/inspector.ts';
import { BootFiles } from './boot-files.ts';
import { download, type Expected } from './download.ts';
import { exists, makeDirectory, makeWhole, PARTIAL, syncFile } from './durable-file.ts';
import { withImageFile } from './image-file.ts';
import type { QemuImg } from './qemu-img.ts';
import { SharedWork } from './shared-work.ts';

/** An md5 checksum, and the format that it was converted from. */
const BASE_NAME = /^[0-9a-f]{32}(\.[a-z0-9]{1,8})?$/;

/** An image's data as a file of the cache. */
interface ImageFile extends Omit<Expected, 'name'> {
  readonly id: ImageId;
  /** Of the file. */
  readonly name: string;
}

/** A raw file below the disks of guests. */
export interface BaseImage {
  readonly path: string;
  /** bytes, as the guest sees the disk */
  readonly size: number;
}

/** How an image may be got. */
export interface Fetching {
  /** Where its data may be read; null: the image source knows. */
  readonly images: ImageUrls;
  readonly signal: AbortSignal;
}

/** What a base may be, and how it may be got. */
export interface BaseWish extends Fetching {
  /** Bytes that the disk may have; null for no limit. Checked before anything is converted. */
  readonly largest: number | null;
}

export interface ImageCacheOptions {
  readonly directory: string;
  readonly images: ImageSource;
  readonly inspection: InspectionOptions;
  /** Reads foreign formats, in a cage. */
  readonly qemuImg: QemuImg;
}

/**
 * The images that this host has fetched. Raw ones (and discs, and those of ami kind) are kept under their checksum as they came;
 * others are converted to raw once and kept as `<checksum>.<format>`: so no format that a guest's user made is ever read while
 * guests run, an overlay's reads go straight to a file, and each image pays for the conversion once a host.
 */
export class ImageCache {
  /** Kernels and ramdisks by their content. */
  readonly bootFiles: BootFiles;
  readonly #options: ImageCacheOptions;
  readonly #fetching = new SharedWork<string>();
  readonly #converting = new SharedWork<string>();

  constructor(options: ImageCacheOptions) {
    this.#options = options;
    this.bootFiles = new BootFiles(options.directory);
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
   * @throws {Failure} `invalid` when the image cannot be used, `not-found` when it is gone, `out-of-space`.
   */
  async base(image: ImageSnapshot, wish: BaseWish): Promise<BaseImage> {
    const asItCame = ['raw', 'ami', 'aki', 'ari', 'iso'].includes(image.diskFormat);
    const path = asItCame ? await this.#fetchedDisk(image, wish) : await this.#converted(image, wish);
    const { size } = await stat(path);
    assertFits(size, wish.largest);
    const declared = { name: image.id, diskFormat: asItCame ? image.diskFormat : ('raw' as const) };
    await withImageFile(path, (content) => inspectImage(content, declared, this.#options.inspection));
    return { path, size };
  }

  /** The file of a kernel or ramdisk image. Its bytes go to the guest as they are. */
  async bootFile(id: ImageId, fetching: Fetching): Promise<string> {
    const path = await this.#fetched({ id, name: `boot-${id}`, size: null, checksum: null }, fetching);
    await this.bootFiles.know(id, path);
    return path;
  }

  /** What is here for disks of this image: names of the files that may be below them, and sums of its kernel and ramdisk. */
  async held({ checksum, diskFormat, kernelId, ramdiskId }: ImageSnapshot): Promise<string[]> {
    const held = await this.bootFiles.held([kernelId, ramdiskId]);
    for (const name of [checksum, `${checksum}.${diskFormat}`])
      if (BASE_NAME.test(name) && (await exists(join(this.#options.directory, name)))) held.push(name);
    return held;
  }

  /**
   * The file below disks that came from another host, which `write` makes if it is not here.
   * One under a bare checksum is checked against it, so that no host can give another a false image; a converted one has no checksum of its own.
   * @throws {Failure} `invalid` when the name is none of a base, or the content is not what it says
   */
  async adopt(name: string, write: ((scratch: string) => Promise<void>) | null): Promise<BaseImage> {
    if (!BASE_NAME.test(name)) throw new Failure('invalid', `'${name}' is not the name of a cached image.`);
    const path = join(this.#options.directory, name);
    if (write !== null)
      await makeWhole(path, `image ${name}`, async (scratch) => {
        await write(scratch);
        if (!name.includes('.')) await assertChecksum(scratch, name);
      });
    else if (!(await exists(path)))
      throw new Failure('not-found', `The compute host does not hold the image ${name} any more.`);
    return { path, size: (await stat(path)).size };
  }

  #fetchedDisk(image: ImageSnapshot, fetching: Fetching): Promise<string> {
    const { id, checksum, size } = image;
    return this.#fetched({ id, name: checksum, size, checksum }, fetching);
  }

  /** Fetches an image's bytes into `name`, unless they are there; many who ask at once share one download. */
  async #fetched(file: ImageFile, { images, signal }: Fetching): Promise<string> {
    const { id, name, size, checksum } = file;
    if (!/^[0-9a-z][0-9a-z-]{0,63}$/.test(name))
      throw new Failure('invalid', `Image ${id} has the checksum '${name}', which is not an md5 in hex.`);
    const path = join(this.#options.directory, name);
    if (await exists(path)) return path;
    return this.#fetching.do(path, signal, async (stop) => {
      await makeWhole(path, `image ${id}`, async (scratch) => {
        const source = await this.#options.images.open(id, images?.[id]);
        await download(source, scratch, { name: id, size, checksum }, stop);
      });
      return path;
    });
  }

  async #converted(image: ImageSnapshot, { largest, ...fetching }: BaseWish): Promise<string> {
    const { signal } = fetching;
    const { directory, qemuImg } = this.#options;
    const path = join(directory, `${image.checksum}.${image.diskFormat}`);
    if (await exists(path)) return path;
    const original = await this.#fetchedDisk(image, fetching);
    const format = await withImageFile(original, (content) =>
      inspectImage(content, { name: image.id, diskFormat: image.diskFormat }, this.#options.inspection),
    );
    const size = await qemuImg.virtualSize({ path: original, format }, signal);
    assertFits(size, largest);
    return this.#converting.do(path, signal, async (stop) => {
      await makeWhole(path, `image ${image.id}`, async (scratch) => {
        await qemuImg.convertToRaw({ path: original, format, target: scratch, size, signal: stop });
        await syncFile(scratch);
      });
      await rm(original, { force: true });
      return path;
    });
  }
}

async function assertChecksum(path: string, expected: string): Promise<void> {
  const md5 = createHash('md5');
  await pipeline(createReadStream(path), md5);
  const checksum = md5.digest('hex');
  if (checksum !== expected)
    throw new Failure('invalid', `Another host's image ${expected} has the md5 checksum ${checksum}.`);
}

function assertFits(size: number, largest: number | null): void {
  if (largest === null || size <= largest) return;
  throw new Failure(
    'invalid',
    `Flavor's disk is too small for requested image. Flavor disk is ${largest} bytes, image is ${size} bytes.`,
  );
}
