import type { Config } from '../../config/declared.ts';
import type { ImageData } from '../../image-data/image-data.ts';
import type { CountedCache } from '../../model/cache-counts.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import type { Caller } from '../../model/identity.ts';
import type { Log } from '../../model/log.ts';
import type { ImageLinks } from '../../operations/engine/image-links.ts';
import type { Operations } from '../../operations/requests/operations.ts';
import type { Store } from '../../store/promise/store.ts';
import type { PageCache } from './page-cache.ts';
import type { TextCache } from './text-cache.ts';

/** Identifies callers by their tokens. Implemented by the Identity API. */
export interface Authenticator {
  /** @returns undefined for a token that is unknown, expired or revoked */
  authenticate(tokenText: string): Promise<Caller | undefined>;
  /** Drops all cached tokens. Call it after any change of what a token permits. */
  forget(): void;
}

/** The facts of hosts, read at most once a second; implemented by the Compute API. */
export interface HostFactsCache {
  current(): HostFacts | Promise<HostFacts>;
  /** Has the next request read them: to be called after a change of hosts that must be seen at once. */
  forget(): void;
}

/** What answers are put together from. */
export interface ApiCaches {
  readonly hostFacts: HostFactsCache;
  readonly serverPages: PageCache;
  readonly serverTexts: TextCache;
  /** All caches of the process, for administrators. */
  readonly counted: readonly CountedCache[];
}

/** Removes expired tokens; implemented by the Identity API. */
export interface TokenClearing {
  /** Removes them unless that was done a moment ago. */
  clear(): Promise<void>;
}

/** The parts that `main` passes to the API. */
export interface ApiDependencies {
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly tokenClearing: TokenClearing;
  readonly caches: ApiCaches;
  readonly operations: Operations;
  readonly imageData: ImageData;
  /** Absent where the agent runs in the same process. */
  readonly imageLinks?: ImageLinks;
  readonly config: Config;
  /** Epoch milliseconds now. */
  readonly now: () => number;
  readonly log: Log;
}
