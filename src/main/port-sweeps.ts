import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Operations } from '../operations/requests/operations.ts';

/** Interval of sweeps. Milliseconds. */
const INTERVAL_MS = 5 * 60_000;

/**
 * Compares the ports of all guests with what hosts took over, at the start and regularly.
 * @returns a function that stops it
 */
export function startPortSweeps(
  { sweepPorts }: Pick<Operations, 'sweepPorts'>,
  log: Log,
): () => Promise<void> {
  let running = Promise.resolve();
  const sweep = () => {
    running = running
      .then(sweepPorts)
      .catch((error) => log('ports-not-refreshed', { why: asFailure(error).operatorText }));
  };
  sweep();
  const timer = setInterval(sweep, INTERVAL_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
