import type { ApiDependencies, TokenClearing } from '../http/dependencies.ts';

/** Milliseconds between two clearings. */
const INTERVAL_MS = 60_000;

/** Keeps the table as small as the number of valid tokens: issuing a token clears it, not a timer. */
export function createTokenClearing({ store, now }: Pick<ApiDependencies, 'store' | 'now'>): TokenClearing {
  let cleared = 0;
  return {
    async clear() {
      const at = now();
      if (at - cleared < INTERVAL_MS) return;
      cleared = at;
      await store.tokens.deleteExpired(at);
    },
  };
}
