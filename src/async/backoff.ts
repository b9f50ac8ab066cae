/** Pauses between tries, in milliseconds. */
export interface BackoffOptions {
  readonly first: number;
  readonly longest: number;
}

/** Pauses between tries that double from the first to the longest, until a try succeeds. */
export class Backoff {
  readonly #options: BackoffOptions;
  #pause: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#pause = options.first;
  }

  /** Whether the next pause is the longest. */
  get isLongest(): boolean {
    return this.#pause === this.#options.longest;
  }

  /** The pause before the next try, milliseconds. */
  next(): number {
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, this.#options.longest);
    return pause;
  }

  /** After a success: the next pause is the first again. */
  reset(): void {
    this.#pause = this.#options.first;
  }
}
