import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Store } from '../store/promise/store.ts';
import { purge } from '../store/purge.ts';

const DAY_MS = 24 * 3_600_000;
/** How often the store is purged, by whichever replica comes first. Milliseconds. */
const INTERVAL_MS = 3_600_000;
/** How long after a start, and how often, a replica looks whether it is time. Milliseconds. */
const LOOK_MS = 60_000;

/** What regular purging is done with. */
export interface PurgingParts {
  readonly store: Store;
  /** Who this replica is among others. */
  readonly owner: string;
  /** How long rows of the past are kept: `[database] purge_after_days`. */
  readonly days: number;
  readonly now: () => number;
  readonly log: Log;
  readonly lookMs?: number;
}

/**
 * Purges the store from time to time, one replica for all of them. With 0 days nothing is ever purged.
 * @returns ends it, between two transactions
 */
export function startPurging(parts: PurgingParts): () => Promise<void> {
  const { days, lookMs = LOOK_MS } = parts;
  if (days === 0) return async () => {};
  const closing = new AbortController();
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => purgeInTurn(parts, closing.signal));
  }, lookMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    closing.abort();
    await running;
  };
}

async function purgeInTurn(parts: PurgingParts, signal: AbortSignal): Promise<void> {
  const { store, owner, days, now, log } = parts;
  if (signal.aborted) return;
  try {
    const isTaken = !(await store.chores.take({
      name: 'purge',
      owner,
      now: now(),
      until: now() + INTERVAL_MS,
    }));
    if (isTaken) return;
    const removed = await purge(store, { before: now() - days * DAY_MS, signal });
    while (!signal.aborted && (await store.reclaimSpace())) {}
    if (removed.size > 0) log('rows-purged', Object.fromEntries(removed));
  } catch (error) {
    log('purge-failed', {
      why: asFailure(error).operatorText,
    });
  }
}
