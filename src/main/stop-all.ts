import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';

/**
 * Stops all started components, the last first. It logs a component that fails to stop, and goes on with the
 * others. A second call does nothing.
 */
export async function stopAll(started: AsyncDisposableStack, log: Log): Promise<void> {
  try {
    await started.disposeAsync();
  } catch (error) {
    for (const each of failuresOf(error)) log('component-stop-failed', { why: asFailure(each).operatorText });
  }
}

/** Runs `build`. If it fails, stops the components that it had started, and throws its error. */
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

/** The errors in what `disposeAsync` threw: one error, or a chain of them with the earliest innermost. */
function failuresOf(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...failuresOf(error.suppressed), error.error] : [error];
}
