import type { HostName } from '../../model/ids.ts';

/** Limits on the work that one host may cause for a replica. */
export interface HostLimits {
  /** Maximum number of waiting messages. */
  readonly maxWaiting: number;
  /** Messages that may be handled at once, and further messages a second. */
  readonly burst: number;
  readonly perSecond: number;
}

/** One queue of work for each host, so that hosts do not wait for each other. */
export interface HostQueues {
  /**
   * Runs `work` after the earlier work of the host.
   * @returns false, without running it, when too much work of the host is waiting
   */
  push(host: HostName, work: () => Promise<void>): boolean;
}

interface HostQueue {
  waiting: number;
  last: Promise<void>;
  /** The time at which the host's budget is full again, on the clock of `now`. */
  freeAt: number;
}

/** Waits without keeping the process alive, because queued work may be lost. Never aborted. */
export type Wait = (milliseconds: number) => Promise<void>;

const MAX_IDLE = 10_000;

/** @param clock `now` in milliseconds of a monotonic clock, and `wait` for pauses */
export function createHostQueues(
  limits: HostLimits,
  clock: { readonly now: () => number; readonly wait: Wait },
): HostQueues {
  const queues = new Map<HostName, HostQueue>();
  const costMs = 1_000 / limits.perSecond;

  /** A leaky bucket: each message fills it by its cost, time drains it, and messages above `burst` wait. */
  async function untilAffordable(queue: HostQueue): Promise<void> {
    const now = clock.now();
    queue.freeAt = Math.max(queue.freeAt, now) + costMs;
    const excessMs = queue.freeAt - now - limits.burst * costMs;
    if (excessMs > 0) await clock.wait(excessMs);
  }

  function forgetIdle(): void {
    if (queues.size < MAX_IDLE) return;
    const now = clock.now();
    for (const [host, { waiting, freeAt }] of queues) if (waiting === 0 && freeAt <= now) queues.delete(host);
  }

  return {
    push(host, work) {
      let queue = queues.get(host);
      if (queue === undefined) {
        forgetIdle();
        queue = { waiting: 0, last: Promise.resolve(), freeAt: 0 };
        queues.set(host, queue);
      }
      if (queue.waiting >= limits.maxWaiting) return false;
      const mine = queue;
      mine.waiting++;
      mine.last = mine.last
        .then(() => untilAffordable(mine))
        .then(work)
        .finally(() => mine.waiting--);
      return true;
    },
  };
}
