/**
 * Calls `listener` when the signal aborts, or at once if it already has. Disposing the result removes the
 * listener; otherwise a signal that outlives many waits would keep all their listeners.
 */
export function onAbort(signal: AbortSignal, listener: () => void): Disposable {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}
