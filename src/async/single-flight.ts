import { onAbort } from './on-abort.ts';

interface Work<Result> {
  readonly result: Promise<Result>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Runs work once for all concurrent callers with the same key. The work is aborted when no caller waits for
 * it any more.
 */
export class SingleFlight<Result> {
  readonly #running = new Map<string, Work<Result>>();

  /**
   * Joins the work of this key, or begins it. An abort ends only this wait; it also aborts the work if no
   * other caller waits.
   * @throws the error of the work, or the reason of the aborted signal
   */
  async run(
    key: string,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const work = this.#running.get(key) ?? this.#begin(key, begin);
    work.waiting++;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    using _abort = onAbort(signal, () => reject(signal.reason));
    try {
      return await Promise.race([work.result, aborted]);
    } finally {
      work.waiting--;
      if (work.waiting === 0) this.#leave(key, work);
    }
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<Result>): Work<Result> {
    const stop = new AbortController();
    const work: Work<Result> = { result: begin(stop.signal), stop, waiting: 0 };
    this.#running.set(key, work);
    return work;
  }

  #leave(key: string, work: Work<Result>): void {
    if (this.#running.get(key) === work) this.#running.delete(key);
    work.stop.abort(new DOMException('nobody waits for it any more', 'AbortError'));
    // No caller waits for the result.
    work.result.catch(() => {});
  }
}
