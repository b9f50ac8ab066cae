import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import type { inspectImage } from '../image-inspection/inspect-image.ts';
import { qcow2VirtualSize } from '../image-inspection/qcow2.ts';
import { withImageFile } from './image-file.ts';
import { runTool } from './run-tool.ts';

type ReadableFormat = Awaited<ReturnType<typeof inspectImage>>;

/** QEMU's names of formats, where they are not Glance's. */
const QEMU_FORMAT: Partial<Record<ReadableFormat, string>> = { vhd: 'vpc', iso: 'raw' };

const CONVERT_TIMEOUT_MS = 60 * 60 * 1000;
const RESIZE_TIMEOUT_MS = 60 * 1000;
/** Bounds for reading a header that a stranger wrote: seconds of CPU and bytes of memory (nova/virt/images.py QEMU_IMG_LIMITS). */
const INFO_LIMITS = ['--cpu=30', '--as=1073741824'];
const INFO_TIMEOUT_MS = 30 * 1000;

const run = promisify(execFile);

/** Bytes of the disk in an image that has passed inspection. */
export async function virtualSizeOf(
  path: string,
  format: ReadableFormat,
  signal: AbortSignal,
): Promise<number> {
  if (format === 'qcow2') return withImageFile(path, qcow2VirtualSize);
  const args = [
    ...INFO_LIMITS,
    'qemu-img',
    'info',
    '--output=json',
    '-f',
    QEMU_FORMAT[format] ?? format,
    path,
  ];
  try {
    const { stdout } = await run('prlimit', args, { timeout: INFO_TIMEOUT_MS, signal });
    const { 'virtual-size': size } = JSON.parse(stdout) as { 'virtual-size'?: unknown };
    if (typeof size === 'number') return size;
    throw new Error(`qemu-img tells no virtual size: ${stdout}`);
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure('invalid', `The image cannot be read as ${format}.`, {
      operatorText: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

/** What is to be converted: the format is the one that inspection found, never QEMU's guess. */
export interface Conversion {
  readonly source: string;
  readonly format: ReadableFormat;
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Writes an image's content to a raw, sparse file. */
export async function convertToRaw({ source, format, target, signal }: Conversion): Promise<void> {
  await runTool({
    command: 'qemu-img',
    args: ['convert', '-f', QEMU_FORMAT[format] ?? format, '-O', 'raw', source, target],
    what: 'a disk from the image',
    timeoutMs: CONVERT_TIMEOUT_MS,
    signal,
  });
}

/** Grows a QCOW2 disk to `size` bytes. */
export async function growOverlay(path: string, size: number): Promise<void> {
  await runTool({
    command: 'qemu-img',
    args: ['resize', '-f', 'qcow2', path, String(size)],
    what: 'a larger disk',
    timeoutMs: RESIZE_TIMEOUT_MS,
  });
}

/** Writes another path of the same raw file below a QCOW2 disk into its header; no data is touched. */
export async function setBackingFile(path: string, backingFile: string): Promise<void> {
  await runTool({
    command: 'qemu-img',
    args: ['rebase', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', backingFile, path],
    what: 'a disk over its image',
    timeoutMs: RESIZE_TIMEOUT_MS,
  });
}
