import type { CacheCounts, CountedCache } from '../../model/cache-counts.ts';
import type { Caller } from '../../model/identity.ts';

interface Entry {
  readonly caller: Caller | undefined;
  /** Epoch milliseconds; never later than the token's own end. */
  readonly until: number;
}

/**
 * How long a verified token is believed without asking the store: what another process revokes ends after
 * this.
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

  /** The caller that is believed still, without a question to the store. */
  get(hash: string, now: number): Caller | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined || now >= entry.until) return undefined;
    this.#hits++;
    return entry.caller;
  }

  /** Asks once for all who wait for the same token. What was asked before `forget` is not kept. */
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

  /** To be called after every change of a token, user, project, domain, role or assignment. */
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
