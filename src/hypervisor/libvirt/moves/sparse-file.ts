import { execFile } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { diskFailure } from '../files/failures.ts';
import { MAX_DATA_BYTES } from './disk-stream.ts';

const run = promisify(execFile);

/** Size of the pieces in which zeros are detected: that of a QCOW2 cluster. */
const BLOCK = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK);
/** Reading a smaller file takes less time than starting a program that maps its holes. */
const SMALL = 16 * 1024 * 1024;
const MAP_TIMEOUT_MS = 10 * 60 * 1000;
/** Enough for a map of about two million extents. */
const MAX_MAP_BYTES = 256 * 1024 * 1024;

interface Extent {
  readonly start: number;
  readonly length: number;
}

/** A piece of a file that is not all zeros. */
export interface DataRun {
  readonly offset: number;
  /** Valid only until the next piece. */
  readonly data: Buffer;
}

/** The data of a file in order, without holes and zeros. */
export async function* dataRuns(
  path: string,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<DataRun, void, undefined> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(MAX_DATA_BYTES);
    for (const { start, length } of await extentsOf(path, size, signal))
      for (let offset = start; offset < start + length; offset += MAX_DATA_BYTES) {
        const pieceSize = Math.min(MAX_DATA_BYTES, start + length - offset);
        yield* withoutZeros(await readWhole(file, buffer.subarray(0, pieceSize), offset), offset);
      }
  } finally {
    await file.close();
  }
}

async function extentsOf(path: string, size: number, signal: AbortSignal): Promise<Extent[]> {
  if (size <= SMALL) return [{ start: 0, length: size }];
  try {
    // Mapped as raw, whatever the format is: the map must show the holes of the file itself.
    const { stdout } = await run('qemu-img', ['map', '--output=json', '-U', '-f', 'raw', path], {
      ...{ timeout: MAP_TIMEOUT_MS, maxBuffer: MAX_MAP_BYTES, signal },
    });
    const extents = JSON.parse(stdout) as (Extent & { readonly data: boolean })[];
    return extents
      .filter(({ data }) => data)
      .map(({ start, length }) => ({ start, length: Math.min(length, size - start) }));
  } catch (error) {
    signal.throwIfAborted();
    throw diskFailure(`a map of ${path}`, error);
  }
}

async function readWhole(file: FileHandle, buffer: Buffer, offset: number): Promise<Buffer> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends before ${offset + buffer.length}`);
    done += bytesRead;
  }
  return buffer;
}

function* withoutZeros(data: Buffer, offset: number): Generator<DataRun, void, undefined> {
  let from: number | undefined;
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const isZero = block.equals(block.length === BLOCK ? ZEROS : ZEROS.subarray(0, block.length));
    if (!isZero) from ??= at;
    else if (from !== undefined) {
      yield { offset: offset + from, data: data.subarray(from, at) };
      from = undefined;
    }
  }
  if (from !== undefined) yield { offset: offset + from, data: data.subarray(from) };
}

/**
 * Creates a new file of this size, calls `fill` to write data at offsets, and syncs it. The rest is holes.
 */
export async function writeSparse(
  path: string,
  { size, mode }: { readonly size: number; readonly mode: number },
  fill: (put: (run: DataRun) => Promise<void>) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.truncate(size);
    await fill(async ({ offset, data }) => {
      // `write` may write less on a disk that is almost full.
      for (let done = 0; done < data.length; )
        done += (await file.write(data, done, data.length - done, offset + done)).bytesWritten;
    });
    await file.sync();
  } finally {
    await file.close();
  }
}
