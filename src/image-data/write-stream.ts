import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import { DigestThread, type ThreadDigest } from './digest-thread.ts';

/** Size and hashes of stored data. */
export interface WrittenData {
  /** bytes */
  readonly size: number;
  /** hex */
  readonly md5: string;
  /** hex */
  readonly sha512: string;
}

/** Bytes. Small enough for blocks to stay in the processor's cache while the threads share them. */
const BLOCK = 256 * 1024;
/** Maximum number of blocks of one stream: one is being filled while the others are hashed and written. */
const BLOCKS = 16;

/** A digest costs about as much as everything else together, so each digest has its own thread. */
const md5Thread = new DigestThread('md5');
const sha512Thread = new DigestThread('sha512');

/**
 * Writes a stream to a file and computes its digests, in 4 MiB of memory. The file is synced, and closed in
 * any case; the stream stays open.
 * @throws {Failure} `too-large` past `maxBytes`
 */
export async function writeStream(
  handle: FileHandle,
  data: Readable,
  maxBytes: number,
): Promise<WrittenData> {
  const writer = new BlockWriter(handle);
  try {
    let size = 0;
    for await (const chunk of data.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes)
        throw new Failure('too-large', `Image data is larger than the ${maxBytes} bytes that are accepted.`);
      await writer.add(chunk);
    }
    return { size, ...(await writer.end()) };
  } finally {
    await writer.close();
  }
}

/** A block of memory, with a promise that it has been written and hashed. */
interface Block {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  free: Promise<unknown>;
}

class BlockWriter {
  readonly #handle: FileHandle;
  readonly #digests: readonly [md5: ThreadDigest, sha512: ThreadDigest];
  readonly #blocks: Block[] = [];
  #at = 0;
  #filled = 0;
  #position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
    this.#digests = [md5Thread.open(), sha512Thread.open()];
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      const { bytes } = await this.#block();
      const part = rest.subarray(0, BLOCK - this.#filled);
      bytes.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled === BLOCK) this.#flush();
    }
  }

  async end(): Promise<{ md5: string; sha512: string }> {
    if (this.#at === 0) return this.#short();
    if (this.#filled > 0) this.#flush();
    const [md5, sha512] = await Promise.all([
      ...this.#digests.map((each) => each.digest()),
      ...this.#blocks.map(({ free }) => free),
    ]);
    await this.#handle.sync();
    return { md5: md5 as string, sha512: sha512 as string };
  }

  /** Hashes a single block without a thread. */
  async #short(): Promise<{ md5: string; sha512: string }> {
    const bytes = this.#blocks[0]?.bytes.subarray(0, this.#filled) ?? new Uint8Array();
    await writeAll(this.#handle, bytes, 0);
    await this.#handle.sync();
    return { md5: hash('md5', bytes), sha512: hash('sha512', bytes) };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#blocks.map(({ free }) => free));
    for (const each of this.#digests) each.close();
    await this.#handle.close();
  }

  /** The next block to fill, when nothing reads it any more. */
  async #block(): Promise<Block> {
    const index = this.#at % BLOCKS;
    this.#blocks[index] ??= { bytes: new Uint8Array(new SharedArrayBuffer(BLOCK)), free: Promise.resolve() };
    const block = this.#blocks[index];
    if (this.#filled === 0) await block.free;
    return block;
  }

  #flush(): void {
    const block = this.#blocks[this.#at++ % BLOCKS]!;
    const bytes = block.bytes.subarray(0, this.#filled);
    block.free = Promise.all([
      writeAll(this.#handle, bytes, this.#position),
      ...this.#digests.map((each) => each.update(bytes)),
    ]);
    // The next use of the block, or the end, rejects with the same error.
    block.free.catch(() => undefined);
    this.#position += this.#filled;
    this.#filled = 0;
  }
}

/** Writes all bytes: on a disk that is nearly full, one write may write fewer. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}
