import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';

/**
 * Stops all that was started, the last first; a component that fails to stop is logged, and the others are
 * stopped all the same. A second call does nothing.
 */
export async function stopAll(started: AsyncDisposableStack, log: Log): Promise<void> {
  try {
    await started.disposeAsync();
  } catch (error) {
    for (const each of failuresOf(error)) log('component-stop-failed', { why: asFailure(each).operatorText });
  }
}

/** Builds something of components that are stopped again when one of them cannot start. */
export async function stoppedOnFailure<Built>(
  log: Log,
  build: (started: AsyncDisposableStack) => Promise<Built>,
): Promise<Built> {
  const started = new AsyncDisposableStack();
  try {
    return await build(started);
  } catch (error) {
    await stopAll(started, log);
    throw error;
  }
}

/** What a stack of disposals threw: one error, or a chain of them, the earliest innermost. */
function failuresOf(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...failuresOf(error.suppressed), error.error] : [error];
}
