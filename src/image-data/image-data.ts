import type { Readable } from 'node:stream';
import type { ImageDataName } from '../model/image.ts';

/** The storage of image data: each upload has a name of its own. */
export interface ImageData {
  /**
   * Stores the whole stream, or nothing when it fails.
   * @throws {Failure} `out-of-space`, `too-large` past `maxBytes`
   */
  write(
    name: ImageDataName,
    data: Readable,
    maxBytes: number,
  ): Promise<{ size: number; md5: string; sha512: string }>;
  /** @throws {Failure} `not-found` when the data is gone */
  read(name: ImageDataName, range?: { start: number; end: number }): Promise<Readable>;
  delete(name: ImageDataName): Promise<void>;
}
