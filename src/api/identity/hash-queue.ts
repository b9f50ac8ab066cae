import { Failure } from '../../model/failure.ts';

/** Lets a few pieces of costly work run at once, in the order in which they came, and bounds how many wait. */
export class HashQueue {
  readonly #limits: { readonly running: number; readonly waiting: number };
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly running: number; readonly waiting: number }) {
    this.#limits = limits;
  }

  /** @throws {Failure} `unavailable` when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.running) await this.#turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** The place of one that ends is handed over, so that nobody slips in between. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#limits.waiting)
      throw new Failure(
        'unavailable',
        'Too many passwords are being checked at once. Try again in a moment.',
      );
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
