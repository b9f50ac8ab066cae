import { onAbort } from './on-abort.ts';

/**
 * Waits for a promise, or until the signal aborts. After an abort the promise is ignored.
 * @returns its value; undefined when the signal aborted first
 */
export async function untilAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  using _abort = onAbort(signal, () => resolve(undefined));
  return await Promise.race([aborted, awaited]);
}
