import { onAbort } from './on-abort.ts';

/**
 * Waits for a time, or until the signal is aborted.
 * @param options.ref whether the timer keeps the process alive; it does by default
 * @returns false when the signal was aborted
 */
export async function pause(
  milliseconds: number,
  signal: AbortSignal,
  { ref = true }: { readonly ref?: boolean } = {},
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  if (!ref) timer.unref();
  using _abort = onAbort(signal, resolve);
  await promise;
  clearTimeout(timer);
  return !signal.aborted;
}
