import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store/promise/store.ts';
import { purge } from '../store/purge.ts';

const DAY_MS = 24 * 3_600_000;
/** Interval of purges; one replica runs each. Milliseconds. */
const INTERVAL_MS = 3_600_000;
/**
 * Interval at which a replica checks whether a purge is due, also the delay after its start. Milliseconds.
 */
const CHECK_MS = 60_000;

/** Input of {@link startPurging}. */
export interface PurgingParts {
  readonly store: Store;
  /** The name of this replica. */
  readonly owner: string;
  /** Age at which rows are purged: `[database] purge_after_days`. */
  readonly days: number;
  readonly now: () => number;
  readonly log: Log;
  readonly checkMs?: number;
}

/**
 * Purges the store regularly; one replica runs each purge. With 0 days nothing is purged.
 * @returns a function that stops it between two transactions
 */
export function startPurging(parts: PurgingParts): () => Promise<void> {
  const { days, checkMs = CHECK_MS } = parts;
  if (days === 0) return async () => {};
  const closing = new AbortController();
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => purgeIfDue(parts, closing.signal));
  }, checkMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    closing.abort();
    await running;
  };
}

async function purgeIfDue(parts: PurgingParts, signal: AbortSignal): Promise<void> {
  const { store, owner, days, now, log } = parts;
  if (signal.aborted) return;
  try {
    const isDue = await store.chores.take({
      name: 'purge',
      owner,
      now: now(),
      until: now() + INTERVAL_MS,
    });
    if (!isDue) return;
    const removed = await purge(store, { before: now() - days * DAY_MS, signal });
    while (!signal.aborted && (await store.reclaimSpace())) {}
    if (removed.size > 0) log('rows-purged', Object.fromEntries(removed));
  } catch (error) {
    log('purge-failed', {
      why: asFailure(error).operatorText,
    });
  }
}
