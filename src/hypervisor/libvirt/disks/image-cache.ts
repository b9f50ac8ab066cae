import { chmod, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Semaphore } from '../../../async/semaphore.ts';
import { SingleFlight } from '../../../async/single-flight.ts';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import {
  contentOf,
  type DiskFormat,
  type ImageContent,
  type ImageContents,
  type ImageSnapshot,
  type ImageUrls,
} from '../../../model/image.ts';
import type { ImageSource } from '../../driver.ts';
import { linkOrCopy, makeDirectory, makeWhole, PARTIAL, syncFile } from '../files/durable-file.ts';
import { type DeclaredImage, inspectImage } from '../image-inspection/inspect-image.ts';
import type { InspectionOptions } from '../image-inspection/inspector.ts';
import { sizeOf, touchFile } from './cache-file.ts';
import { isUsedUnconverted, nameOfBase, nameOfContent } from './cache-names.ts';
import { CacheUses } from './cache-uses.ts';
import { download } from './download.ts';
import { withImageFile } from './image-file.ts';
import type { QemuImg } from './qemu-img.ts';
import { retryWhenMissing } from './retry-when-missing.ts';
import { sumOfFile } from './sum-of-file.ts';
import { removeUnusedImages, restoreImage } from './unused-images.ts';

/** All guests of an image read the file, as a user who does not own it. It has no secrets of guests. */
export const SHARED_MODE = 0o644;

/** A file of the cache. It is not removed before this is disposed. */
export interface CachedFile extends Disposable {
  readonly path: string;
  /** bytes, as the guest sees the disk */
  readonly size: number;
}

/** How to read an image's data, and what the data must be. */
export interface Fetching {
  /** Links to image data; null: the image source finds it. */
  readonly images: ImageUrls;
  /** Size and hashes of each image, from the control plane. */
  readonly contents: ImageContents;
  readonly signal: AbortSignal;
}

/** A request for a base image file. */
export interface BaseRequest extends Fetching {
  /** Bytes of the flavor's disk; null applies the host's limit. Checked before a conversion. */
  readonly largest: number | null;
}

/** Maximum number of concurrent conversions: each may take GiBs of memory and one processor. */
const CONVERSIONS = 4;
/** Maximum bytes of a kernel or ramdisk, whatever the guest's memory. */
export const MAX_BOOT_FILE_BYTES = 4 * 1024 ** 3;
/** Bytes that an image may have beyond twice the size of its disk, for tables and overwritten data. */
const BESIDE_DISK = 64 * 1024 ** 2;

interface Download extends Pick<Fetching, 'images' | 'signal'> {
  readonly id: ImageId;
  readonly content: ImageContent;
}

interface Conversion extends Download, Pick<BaseRequest, 'largest'> {
  readonly diskFormat: DiskFormat;
}

/** A file to create in the cache. */
interface Making extends Pick<BaseRequest, 'largest'> {
  readonly name: string;
  /** Concurrent requests with the same key share one creation. */
  readonly key: string;
  readonly declared: DeclaredImage;
  readonly make: (scratch: string, signal: AbortSignal) => Promise<void>;
}

export interface ImageCacheOptions {
  readonly directory: string;
  readonly images: ImageSource;
  readonly inspection: InspectionOptions;
  /** Maximum bytes of a disk whose flavor sets no limit. */
  readonly largestDisk?: number;
  /** Reads formats other than raw, in a sandbox. */
  readonly qemuImg: QemuImg;
}

/**
 * The images that this host has fetched, by the SHA-512 of their data. Raw images, discs, kernels and
 * ramdisks are kept unchanged. All others are converted once to raw and kept as `<SHA-512>.<format>`. So no
 * running guest reads a format that a user made, an overlay's reads go straight to a file, and each host
 * converts an image only once. A file gets its name only after its content was checked and inspected.
 */
export class ImageCache {
  readonly #options: ImageCacheOptions;
  readonly #uses = new CacheUses();
  readonly #making = new SingleFlight<void>();
  readonly #converting = new Semaphore(CONVERSIONS);

  constructor(options: ImageCacheOptions) {
    this.#options = options;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Removes leftovers of an earlier process. Call it first. */
  async prepare(): Promise<void> {
    const { directory } = this.#options;
    await makeDirectory(directory);
    const unfinished = (await readdir(directory)).filter((name) => name.endsWith(PARTIAL));
    await Promise.all(unfinished.map((name) => rm(join(directory, name), { force: true })));
    await restoreImage(directory);
  }

  /**
   * The raw base of an image's disks. It is fetched and converted if necessary, and inspected each time.
   * @throws {Failure} `invalid` when the image cannot be used (nothing of it is kept); `not-found` when it
   *   is gone, `out-of-space`
   */
  async base(image: ImageSnapshot, request: BaseRequest): Promise<CachedFile> {
    const { id, diskFormat } = image;
    const content = request.contents[id] ?? contentOf(image);
    const name = nameOfBase(id, content, diskFormat);
    const { largest } = request;
    const wanted = { id, content, images: request.images };
    if (!isUsedUnconverted(diskFormat)) {
      this.#assertWorthFetching(content.size, largest);
      const make = (scratch: string, signal: AbortSignal) =>
        this.#convert(scratch, { ...wanted, diskFormat, largest, signal });
      const raw = { name: id, diskFormat: 'raw' } as const;
      return this.#file({ name, key: `${name} ${largest}`, declared: raw, largest, make }, request.signal);
    }
    this.#assertFits(content.size, largest);
    const make = (scratch: string, signal: AbortSignal) => this.#fetch(scratch, { ...wanted, signal });
    return this.#file({ name, key: name, declared: { name: id, diskFormat }, largest, make }, request.signal);
  }

  /**
   * The file of a kernel or ramdisk image. Its bytes go unchanged into the guest's memory.
   * @param request `largest`: bytes of the guest's memory; null for any guest
   * @throws {Failure} `not-found` when the control plane sent no content for it, or it is gone; `invalid`
   *   when it is too large
   */
  async bootFile(id: ImageId, { contents, images, largest, signal }: BaseRequest): Promise<CachedFile> {
    const content = contents[id];
    if (content === undefined)
      throw new Failure('not-found', `Image ${id} could not be found.`, {
        operatorText: `The command has no size and hash for image ${id}`,
      });
    const max = Math.min(largest ?? MAX_BOOT_FILE_BYTES, MAX_BOOT_FILE_BYTES);
    if (content.size > max)
      throw new Failure(
        'invalid',
        `Image ${id} has ${content.size} bytes, but a kernel or ramdisk must fit into the guest's memory, at most ${max} bytes.`,
      );
    const name = nameOfContent(id, content);
    const make = (scratch: string, stop: AbortSignal) =>
      this.#fetch(scratch, { id, content, images, signal: stop });
    const declared = { name: id, diskFormat: 'aki' } as const;
    return this.#file({ name, key: name, declared, largest: null, make }, signal);
  }

  /** The base of the image's disks, if it is in the cache. */
  async cachedBase(image: ImageSnapshot, contents: ImageContents): Promise<CachedFile | null> {
    const name = nameOfBase(image.id, contents[image.id] ?? contentOf(image), image.diskFormat);
    const hold = await this.#uses.hold(name);
    try {
      const path = join(this.#options.directory, name);
      const size = (await touchFile(path)) ? await sizeOf(path) : null;
      if (size !== null) return { path, size, ...hold };
    } catch (error) {
      hold[Symbol.dispose]();
      throw error;
    }
    hold[Symbol.dispose]();
    return null;
  }

  /**
   * Moves a file that another host sent as a base into the cache, if it is the image's own data: its SHA-512
   * must be that of the image's record. The file keeps only its new name.
   * @returns null for a file that cannot be verified, such as a converted one: it stays where it is
   * @throws {Failure} `invalid` when the file cannot be a base at all
   */
  async adopt(path: string, image: ImageSnapshot, contents: ImageContents): Promise<CachedFile | null> {
    const { id, diskFormat } = image;
    const { sha512, size } = contents[id] ?? contentOf(image);
    const asItIs = isUsedUnconverted(diskFormat);
    await this.#inspect(path, { name: id, diskFormat: asItIs ? diskFormat : 'raw' });
    const found = await stat(path);
    if (!asItIs || sha512 === null || found.size !== size || (await sumOfFile(path, 'sha512')) !== sha512)
      return null;
    const hold = await this.#uses.hold(sha512);
    try {
      const target = join(this.#options.directory, sha512);
      await linkOrCopy(path, target);
      await touchFile(target);
      await rm(path);
      return { path: target, size, ...hold };
    } catch (error) {
      hold[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Removes files that no disk under `instancesDir` refers to and that were last used at least that many
   * milliseconds ago.
   * @returns their names
   */
  async removeUnused(instancesDir: string, minimumAgeMs: number): Promise<string[]> {
    const { directory } = this.#options;
    return removeUnusedImages({ directory, instancesDir, minimumAgeMs, uses: this.#uses, now: Date.now });
  }

  /** The file of a name, created if necessary. Concurrent requests share the creation. */
  async #file({ name, key, declared, largest, make }: Making, signal: AbortSignal): Promise<CachedFile> {
    const hold = await this.#uses.hold(name);
    try {
      const path = join(this.#options.directory, name);
      const size = await retryWhenMissing(async () => {
        if (await touchFile(path)) await this.#inspect(path, declared);
        else
          await this.#making.run(key, signal, (stop) =>
            makeWhole(path, `image ${declared.name}`, async (scratch) => {
              await make(scratch, stop);
              await this.#inspect(scratch, declared);
              await chmod(scratch, SHARED_MODE);
            }),
          );
        return (await stat(path)).size;
      });
      this.#assertFits(size, largest);
      return { path, size, ...hold };
    } catch (error) {
      hold[Symbol.dispose]();
      throw error;
    }
  }

  /** Fetches an image's data into a new file. */
  async #fetch(path: string, { id, content, images, signal }: Download): Promise<void> {
    const source = await this.#options.images.open(id, images?.[id]);
    await download(source, path, { name: id, ...content }, signal);
  }

  /** Converts the disk in an image to a raw file. The image's own data is not kept. */
  async #convert(target: string, { largest, diskFormat, ...wanted }: Conversion): Promise<void> {
    const { id, signal } = wanted;
    const { qemuImg } = this.#options;
    const original = `${target}.original${PARTIAL}`;
    try {
      await this.#fetch(original, wanted);
      const format = await this.#inspect(original, { name: id, diskFormat });
      const size = await qemuImg.virtualSize({ path: original, format }, signal);
      this.#assertFits(size, largest);
      await this.#converting.run(signal, () =>
        qemuImg.convertToRaw({ path: original, format, target, size, signal }),
      );
      await syncFile(target);
    } finally {
      await rm(original, { force: true });
    }
  }

  /**
   * Requires that a disk of this size is allowed: by the flavor, or by the host if the flavor sets no limit.
   */
  #assertFits(size: number, flavorDisk: number | null): void {
    const limit = this.#largest(flavorDisk);
    if (size <= limit) return;
    throw new Failure(
      'invalid',
      flavorDisk === null
        ? `The image holds a disk of ${size} bytes, more than the ${limit} bytes that the compute host accepts for a flavor without a root disk.`
        : `Flavor's disk is too small for requested image. Flavor disk is ${limit} bytes, image is ${size} bytes.`,
    );
  }

  /** Refuses an image that would fill the host's disk before its disk size can be read. */
  #assertWorthFetching(bytes: number, flavorDisk: number | null): void {
    const max = 2 * this.#largest(flavorDisk) + BESIDE_DISK;
    if (bytes > max)
      throw new Failure(
        'invalid',
        `The image has ${bytes} bytes, but at most ${max} are accepted for a disk of this size.`,
      );
  }

  #largest(flavorDisk: number | null): number {
    return flavorDisk ?? this.#options.largestDisk ?? Number.POSITIVE_INFINITY;
  }

  #inspect(path: string, declared: DeclaredImage): ReturnType<typeof inspectImage> {
    return withImageFile(path, (content) => inspectImage(content, declared, this.#options.inspection));
  }
}
