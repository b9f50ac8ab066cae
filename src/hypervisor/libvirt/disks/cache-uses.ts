/**
 * Tracks which files of the image cache this process uses, and which it removes. It prevents the removal of
 * a file between its lookup and the moment when a disk on the file system refers to it.
 */
export class CacheUses {
  readonly #held = new Map<string, number>();
  readonly #removing = new Map<string, Promise<void>>();

  /**
   * Keeps a file, or a future file of this name, until the result is disposed. Waits for a removal in
   * progress.
   */
  async hold(name: string): Promise<Disposable> {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    await this.#removing.get(name);
    return { [Symbol.dispose]: () => this.#release(name) };
  }

  isHeld(name: string): boolean {
    return this.#held.has(name);
  }

  /** Makes `hold` of these files wait until `remove` has ended. */
  async whileRemoving<Result>(names: readonly string[], remove: () => Promise<Result>): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const name of names) this.#removing.set(name, promise);
    try {
      return await remove();
    } finally {
      for (const name of names) this.#removing.delete(name);
      resolve();
    }
  }

  #release(name: string): void {
    const left = (this.#held.get(name) ?? 1) - 1;
    if (left === 0) this.#held.delete(name);
    else this.#held.set(name, left);
  }
}
