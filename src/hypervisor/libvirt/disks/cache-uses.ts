/**
 * Which files of the image cache are in use by this process, and which are being removed: a file is never
 * removed between the moment that it is looked up and the moment that a disk over it can be found on the file
 * system.
 */
export class CacheUses {
  readonly #held = new Map<string, number>();
  readonly #removing = new Map<string, Promise<void>>();

  /**
   * Keeps a file, or the one that is about to be made under this name, until it is disposed of. Waits for a
   * removal under way.
   */
  async hold(name: string): Promise<Disposable> {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    await this.#removing.get(name);
    return { [Symbol.dispose]: () => this.#release(name) };
  }

  isHeld(name: string): boolean {
    return this.#held.has(name);
  }

  /** Makes those who want these files wait until `remove` has ended. */
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
