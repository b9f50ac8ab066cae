import type { Readable } from 'node:stream';
import type { Config } from '../config/declared.ts';
import type { ImageDataName } from '../model/image.ts';
import type { ImageLinks } from '../operations/image-links.ts';
import type { Operations } from '../operations/operations.ts';
import type { Store } from '../store/store.ts';

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

/** What `main.ts` hands to the API. */
export interface ApiParts {
  readonly store: Store;
  readonly operations: Operations;
  readonly imageData: ImageData;
  /** Absent where no agent is elsewhere. */
  readonly imageLinks?: ImageLinks;
  readonly config: Config;
  /** Epoch milliseconds now. */
  readonly now: () => number;
  readonly log: (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Record<string, unknown>,
  ) => void;
}
