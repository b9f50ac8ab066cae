import { chmod, open } from 'node:fs/promises';
import { Failure } from '../../../model/failure.ts';
import type { ReadableFormat } from '../image-inspection/inspect-image.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { sizeByInfo } from './image-info.ts';
import { imageRefusal } from './image-refusals.ts';

/** QEMU's names of formats, where they differ from Glance's. */
const QEMU_FORMAT: Partial<Record<ReadableFormat, string>> = { vhd: 'vpc', iso: 'raw' };

const GIB = 1024 ** 3;
const SECTOR = 512;
/** Backing files have no secrets of guests, and QEMU's user must read them. */
const SHARED_MODE = 0o644;
/** Limits for reading a header (nova/privsep/qemu.py QEMU_IMG_LIMITS). */
const INFO_LIMITS = { memory: GIB, cpuSeconds: 30, fileSize: 0 };
const INFO_TIMEOUT_MS = 30 * 1000;
const CONVERT_MEMORY = 2 * GIB;
const CONVERT_CPU_SECONDS = 60 * 60;
const CONVERT_TIMEOUT_MS = 60 * 60 * 1000;
/** Limits for changing a header. The program writes only tables, but the file may have any size. */
const HEADER_LIMITS = { memory: GIB, cpuSeconds: 30, fileSize: 2 ** 53 - 1 };
const HEADER_TIMEOUT_MS = 60 * 1000;

/** An image that has passed inspection. Its format is the inspector's, never QEMU's guess. */
export interface InspectedImage {
  readonly path: string;
  readonly format: ReadableFormat;
}

/** A conversion of an image to raw. */
export interface Conversion extends InspectedImage {
  /** Path of a file that must not exist. */
  readonly target: string;
  /** Bytes of the disk, from `virtualSize`. The conversion never writes more. */
  readonly size: number;
  readonly signal: AbortSignal;
}

/** QEMU's program for disk images. It runs in a sandbox, because it reads untrusted bytes. */
export class QemuImg {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /**
   * Bytes of the disk in an image, as reported by qemu-img.
   * @throws {Failure} `invalid` when qemu-img cannot read it in this format, when it refers to another file,
   *   or when the host does not accept such images
   */
  async virtualSize({ path, format }: InspectedImage, signal: AbortSignal): Promise<number> {
    this.#assertAccepted(format);
    const printed = await this.#readForeign(format, {
      command: 'qemu-img',
      args: ({ source }) => ['info', '--output=json', alone(source, format)],
      source: path,
      ...{ limits: INFO_LIMITS, what: 'a disk from the image', timeoutMs: INFO_TIMEOUT_MS, signal },
    });
    const size = sizeByInfo(printed, driverOf(format));
    if (typeof size === 'number') return size;
    throw new Failure('invalid', `The image cannot be read as ${format}: it ${size}.`);
  }

  /**
   * Writes an image's content to a new sparse raw file.
   * @throws {Failure} `invalid` as `virtualSize`, or when the content is larger than `size`; `out-of-space`,
   *   `timed-out`
   */
  async convertToRaw({ path, format, target, size, signal }: Conversion): Promise<void> {
    this.#assertAccepted(format);
    await (await open(target, 'wx', 0o600)).close();
    const fileSize = Math.ceil(size / SECTOR) * SECTOR;
    await this.#readForeign(format, {
      command: 'qemu-img',
      args: (paths) => ['convert', '-O', 'raw', alone(paths.source, format), paths.target],
      ...{ source: path, target, what: 'a disk from the image', timeoutMs: CONVERT_TIMEOUT_MS, signal },
      limits: { memory: CONVERT_MEMORY, cpuSeconds: CONVERT_CPU_SECONDS, fileSize },
    });
    await chmod(target, SHARED_MODE);
  }

  /** Grows a QCOW2 disk to `size` bytes. */
  async grow(path: string, size: number): Promise<void> {
    await this.#changeHeader(path, {
      args: (target) => ['resize', alone(target, 'qcow2'), String(size)],
      what: 'a larger disk',
    });
  }

  async #changeHeader(
    path: string,
    { args, what }: { args: (target: string) => readonly string[]; what: string },
  ): Promise<void> {
    await this.#sandbox.run({
      command: 'qemu-img',
      args: ({ target }) => args(target),
      ...{ target: path, limits: HEADER_LIMITS, what, timeoutMs: HEADER_TIMEOUT_MS },
    });
  }

  /** Runs the program on a user's image. An error of the program is then the image's fault. */
  async #readForeign(format: string, run: Parameters<Sandbox['run']>[0]): Promise<string> {
    try {
      return await this.#sandbox.run(run);
    } catch (error) {
      run.signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.kind !== 'internal') throw error;
      const why = imageRefusal(error.operatorText);
      throw new Failure(
        'invalid',
        `The image cannot be read as ${format}${why === undefined ? '' : `: ${why}`}.`,
        {
          operatorText: error.operatorText,
          cause: error,
        },
      );
    }
  }

  #assertAccepted(format: ReadableFormat): void {
    if (this.#sandbox.confines || format === 'raw' || format === 'iso' || format === 'qcow2') return;
    throw new Failure(
      'invalid',
      `The image's disk_format is ${format}, but this compute host accepts only raw, iso and qcow2 images.`,
    );
  }
}

function driverOf(format: ReadableFormat): string {
  return QEMU_FORMAT[format] ?? format;
}

/** QEMU's name for one file in one format, which ignores a backing file in the header. */
function alone(filename: string, format: ReadableFormat): string {
  const driver = driverOf(format);
  const backing = driver === 'qcow2' ? { backing: null } : {};
  return `json:${JSON.stringify({ driver, ...backing, file: { driver: 'file', filename } })}`;
}
