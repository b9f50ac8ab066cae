import type { Config } from '../../config/declared.ts';
import type { ImageData } from '../../image-data/image-data.ts';
import type { Caller } from '../../model/identity.ts';
import type { Log } from '../../model/log.ts';
import type { ImageLinks } from '../../operations/engine/image-links.ts';
import type { Operations } from '../../operations/requests/operations.ts';
import type { Store } from '../../store/promise/store.ts';

/** Identifies callers by their tokens. Implemented by the Identity API. */
export interface Authenticator {
  /** @returns undefined for a token that is unknown, expired or revoked */
  authenticate(tokenText: string): Promise<Caller | undefined>;
  /** Drops all cached tokens. Call it after any change of what a token permits. */
  forget(): void;
}

/** The parts that `main` passes to the API. */
export interface ApiDependencies {
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly operations: Operations;
  readonly imageData: ImageData;
  /** Absent where the agent runs in the same process. */
  readonly imageLinks?: ImageLinks;
  readonly config: Config;
  /** Epoch milliseconds now. */
  readonly now: () => number;
  readonly log: Log;
}
