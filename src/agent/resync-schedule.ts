/** Nova's default for `sync_power_state_interval`. Milliseconds. */
const RESYNC_MS = 10 * 60_000;

/**
 * Decides when an agent publishes the power of all its guests again: as soon as a report is accepted after
 * one was not, and every ten minutes. The control plane ignores the events of a server while an operation
 * runs on it, and nothing more may happen to that guest.
 */
export class ResyncSchedule {
  readonly #now: () => number;
  #lastAt: number;
  #reportFailed = false;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#lastAt = now();
  }

  /** The control plane did not accept a report, or may have lost an event. */
  onReportFailed(): void {
    this.#reportFailed = true;
  }

  /** The control plane accepted a report. @returns whether to publish all guests now */
  onReportAccepted(): boolean {
    const isDue = this.#reportFailed || this.#now() - this.#lastAt >= RESYNC_MS;
    if (isDue) this.#lastAt = this.#now();
    this.#reportFailed = false;
    return isDue;
  }
}
