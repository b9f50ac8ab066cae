import type { Readable } from 'node:stream';
import type { ImageDataName } from '../model/image.ts';

/** Where the Image API keeps image data: each upload under a name of its own. */
export interface ImageData {
  /**
   * Takes the whole stream in; nothing is kept when it fails.
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
