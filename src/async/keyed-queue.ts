/**
 * Runs work with the same key one after another, in order of arrival, and work with different keys
 * concurrently.
 */
export class KeyedQueue<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  /** The number of keys with unfinished work. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs `work` when all earlier work with this key has ended, with or without success. */
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

  /** Resolves when all currently queued work has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
