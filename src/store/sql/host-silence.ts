import type { HostName } from '../../model/ids.ts';

/** The clocks that measure silence. Milliseconds. */
export interface Clocks {
  /** Epoch milliseconds; may jump. */
  readonly wall: () => number;
  /** Milliseconds from any start; only increases. */
  readonly steady: () => number;
}

interface LastRead {
  /** The `last_seen_at` that was read last. */
  mark: number;
  /** When that report arrived, and when the host was last read; both by the steady clock. */
  reportedAt: number;
  readAt: number;
}

const SYSTEM: Clocks = { wall: Date.now, steady: () => performance.now() };

/**
 * Measures how long hosts have been silent, as one process sees it. The time starts when the process reads a
 * changed `last_seen_at`, and runs by its own steady clock. The stored time serves only to estimate when,
 * since the previous read, the report arrived. So neither a clock that jumps nor replicas with different
 * clocks make a host count as down. For a host that the process reads for the first time, the stored time is
 * all that it has.
 */
export class HostSilence {
  readonly #clocks: Clocks;
  readonly #hosts = new Map<HostName, LastRead>();

  constructor(clocks: Clocks = SYSTEM) {
    this.#clocks = clocks;
  }

  /** Milliseconds since the report whose `last_seen_at` has just been read. */
  since(host: HostName, mark: number): number {
    const now = this.#clocks.steady();
    const last = this.#hosts.get(host);
    if (last !== undefined && last.mark === mark) {
      last.readAt = now;
      return now - last.reportedAt;
    }
    const oldest = last === undefined ? Number.POSITIVE_INFINITY : now - last.readAt;
    const age = Math.min(Math.max(this.#clocks.wall() - mark, 0), oldest);
    this.#hosts.set(host, { mark, reportedAt: now - age, readAt: now });
    return age;
  }

  forget(host: HostName): void {
    this.#hosts.delete(host);
  }
}
