import { onAbort } from './on-abort.ts';

interface Work<Result> {
  readonly result: Promise<Result>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Work that several callers may need at once and that is then done once, for each key; it is aborted when
 * nobody waits for it any more.
 */
export class SingleFlight<Result> {
  readonly #running = new Map<string, Work<Result>>();

  /**
   * Joins the work of this key, or begins it. An abort ends this wait, and the work if it was the last.
   * @throws what the work throws; the signal's reason when it is aborted
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
    // Nobody waits for how it ends.
    work.result.catch(() => {});
  }
}
