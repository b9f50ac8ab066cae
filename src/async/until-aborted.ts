import { onAbort } from './on-abort.ts';

/**
 * Waits for a promise, but no longer than until the signal is aborted; what becomes of the promise then is
 * not looked at.
 * @returns its value; undefined when the signal was aborted first
 */
export async function untilAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  using _abort = onAbort(signal, () => resolve(undefined));
  return await Promise.race([aborted, awaited]);
}
