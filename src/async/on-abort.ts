/**
 * Calls `listener` when the signal is aborted, at once when it is already. Disposing of the result removes
 * the listener: a signal that outlives many waits would keep one of each otherwise.
 */
export function onAbort(signal: AbortSignal, listener: () => void): Disposable {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}
