/** Nova's default for `sync_power_state_interval`. Milliseconds. */
const TELL_ALL_MS = 10 * 60_000;

/**
 * When a host is to tell of all its guests again, as it does when its agent starts: as soon as it is heard after it was not, and from time to time. What
 * it told may have been passed over, since something was being done to the server then, and nothing may happen to the guest any more.
 */
export class TellAllAgain {
  readonly #now: () => number;
  #toldAt: number;
  #wasUnheard = false;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#toldAt = now();
  }

  /** What the host said of itself was not taken in. */
  unheard(): void {
    this.#wasUnheard = true;
  }

  /** It was taken in. @returns whether all guests are to be told of now */
  heard(): boolean {
    const isDue = this.#wasUnheard || this.#now() - this.#toldAt >= TELL_ALL_MS;
    if (isDue) this.#toldAt = this.#now();
    this.#wasUnheard = false;
    return isDue;
  }
}
