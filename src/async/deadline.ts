/**
 * A signal that aborts after a time limit. Disposing it clears its timer, whereas `AbortSignal.timeout`
 * keeps its timer and 4.6 KB until the time is up.
 */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * @param milliseconds until the signal aborts with a `TimeoutError`, as `AbortSignal.timeout` does
 * @param others signals that abort it too
 */
export function deadline(milliseconds: number, others: readonly AbortSignal[] = []): Deadline {
  const over = new AbortController();
  const expire = () =>
    over.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  const timer = setTimeout(expire, milliseconds).unref();
  return {
    signal: others.length === 0 ? over.signal : AbortSignal.any([over.signal, ...others]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Runs work under a deadline, which is disposed at the end of the work. */
export async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  using time = deadline(milliseconds);
  return await work(time.signal);
}
