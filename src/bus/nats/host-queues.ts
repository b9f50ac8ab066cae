import type { HostName } from '../../model/ids.ts';

/** What one host may take of a replica's time. */
export interface HostLimits {
  /** Messages that wait for their turn. */
  readonly most: number;
  /** Messages that are taken at once, and how many a second after them. */
  readonly burst: number;
  readonly perSecond: number;
}

/** A queue of work for each host, so that no host waits for another one. */
export interface HostQueues {
  /**
   * Does `work` when all that the host had queued before is done. @returns false when the host has too much
   * waiting: it is not done
   */
  push(host: HostName, work: () => Promise<void>): boolean;
}

interface HostQueue {
  waiting: number;
  last: Promise<void>;
  /** When the host will have used up nothing of its budget, by `now`. */
  freeAt: number;
}

/** What waits: aborted never, and unref'd, since nothing is lost with it. */
export type Wait = (milliseconds: number) => Promise<void>;

const MAX_IDLE = 10_000;

/** @param clock `now` in milliseconds that only grow; `wait` resolves after some of them */
export function createHostQueues(
  limits: HostLimits,
  clock: { readonly now: () => number; readonly wait: Wait },
): HostQueues {
  const queues = new Map<HostName, HostQueue>();
  const costMs = 1_000 / limits.perSecond;

  /** A leaky bucket: each message fills it by its cost, time empties it, and above `burst` messages wait. */
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
      if (queue.waiting >= limits.most) return false;
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
