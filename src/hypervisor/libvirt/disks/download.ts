import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { onAbort } from '../../../async/on-abort.ts';
import { Failure } from '../../../model/failure.ts';
import type { ImageContent } from '../../../model/image.ts';
import { diskFailure } from '../files/failures.ts';

/** The expected content of an image, and its name for error texts. */
export interface Expected extends ImageContent {
  readonly name: string;
}

/**
 * Writes an image's bytes to a new file, checks them, and syncs the file.
 * @throws {Failure} `invalid` when size or checksum differ from the expected ones, `out-of-space` when the
 *   disk is full
 */
export async function download(
  source: Readable,
  path: string,
  expected: Expected,
  signal: AbortSignal,
): Promise<void> {
  const what = `image ${expected.name}`;
  const [algorithm, wanted] = expected.sha512 === null ? ['md5', expected.md5] : ['sha512', expected.sha512];
  const hash = createHash(algorithm);
  let size = 0;
  using _stop = onAbort(signal, () => source.destroy(new DOMException('aborted', 'AbortError')));
  try {
    signal.throwIfAborted();
    const file = await open(path, 'wx', 0o644);
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > expected.size) break;
        hash.update(chunk);
        await file.writeFile(chunk); // `write` may write less on a disk that is almost full
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskFailure(what, error);
  } finally {
    source.destroy();
  }
  if (size !== expected.size)
    throw new Failure(
      'invalid',
      `Image ${expected.name} came with ${size > expected.size ? 'more' : `only ${size}`} bytes, but it has ${expected.size}.`,
    );
  const found = hash.digest('hex');
  if (found !== wanted)
    throw new Failure(
      'invalid',
      `Image ${expected.name} came with the ${algorithm} checksum ${found}, but it has ${wanted}.`,
    );
}
