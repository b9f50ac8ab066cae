import { onAbort } from './on-abort.ts';

/** Limits the number of concurrent pieces of work. Others wait in order of arrival. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` when a place is free. @throws the signal's reason if it aborts while the work waits */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    using _giveUp = onAbort(signal, () => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return; // it already has a place
      this.#waiting.splice(place, 1);
      reject(signal.reason);
    });
    await promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
