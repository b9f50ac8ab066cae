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
const MAX_ENTRIES = 20_000;

/** Callers by the hash of their token. */
export class CallerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<Caller | undefined>>();

  /** The caller that is believed still, without a question to the store. */
  get(hash: string, now: number): Caller | undefined {
    const entry = this.#entries.get(hash);
    return entry !== undefined && now < entry.until ? entry.caller : undefined;
  }

  /** Asks once for all who wait for the same token. What was asked before `forget` is not kept. */
  load(
    hash: string,
    context: () => Promise<{ caller: Caller; expiresAt: number } | undefined>,
    now: number,
  ): Promise<Caller | undefined> {
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

  #keep(hash: string, entry: Entry): void {
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    if (this.#entries.size <= MAX_ENTRIES) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
