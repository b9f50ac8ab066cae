/**
 * A signal that is aborted when its time is up. Disposing of it ends its timer: `AbortSignal.timeout` keeps
 * one, and 4.6 KB, to the last.
 */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * @param milliseconds until the signal is aborted with a `TimeoutError`, as that of `AbortSignal.timeout` is
 * @param others whose abort aborts it too
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

/** Does work under a deadline that ends with it. */
export async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  using time = deadline(milliseconds);
  return await work(time.signal);
}
