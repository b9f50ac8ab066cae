import type { CacheCounts, CountedCache } from '../../model/cache-counts.ts';
import type { Caller } from '../../model/identity.ts';

interface Entry {
  readonly caller: Caller | undefined;
  /** Epoch milliseconds; at most the token's expiry. */
  readonly until: number;
}

/**
 * How long a verified token is trusted without a query: a revocation by another process takes effect after
 * this time.
 */
const TRUST_MS = 5_000;

/** Callers by the hash of their token. */
export class CallerCache implements CountedCache {
  readonly name = 'callers';
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<Caller | undefined>>();
  #hits = 0;
  #misses = 0;

  /** @param maxEntries when there are more, the oldest are dropped */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** The cached caller, unless its entry has expired. */
  get(hash: string, now: number): Caller | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined || now >= entry.until) return undefined;
    this.#hits++;
    return entry.caller;
  }

  /**
   * Shares one query among concurrent requests with the same token. A query that began before `forget` is
   * not cached.
   */
  load(
    hash: string,
    context: () => Promise<{ caller: Caller; expiresAt: number } | undefined>,
    now: number,
  ): Promise<Caller | undefined> {
    this.#misses++;
    const underWay = this.#underWay.get(hash);
    if (underWay !== undefined) return underWay;
    const answer = context()
      .then((found) => {
        if (this.#underWay.get(hash) === answer && found !== undefined)
          this.#keep(hash, { caller: found.caller, until: Math.min(now + TRUST_MS, found.expiresAt) });
        return found?.caller;
      })
      .finally(() => {
        if (this.#underWay.get(hash) === answer) this.#underWay.delete(hash);
      });
    this.#underWay.set(hash, answer);
    return answer;
  }

  /** Call it after every change of a token, user, project, domain, role or assignment. */
  forget(): void {
    this.#entries.clear();
    this.#underWay.clear();
  }

  counts(): CacheCounts {
    return { entries: this.#entries.size, bytes: null, hits: this.#hits, misses: this.#misses };
  }

  #keep(hash: string, entry: Entry): void {
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    if (this.#entries.size <= this.#maxEntries) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
