/**
 * Runs work with the same key one after another, in the order it came, and work with different keys side by
 * side.
 */
export class KeyedQueue<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  /** How many keys have work that has not ended. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs `work` when all earlier work with this key has ended, whether it succeeded or not. */
  run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return mine;
  }

  /** Resolves when the work has ended that is queued now. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
