import type { HostName } from '../../model/ids.ts';

/** The clocks that silence is told by, milliseconds. */
export interface Clocks {
  /** Epoch; may jump. */
  readonly wall: () => number;
  /** From any point on; only grows. */
  readonly steady: () => number;
}

interface Seen {
  /** The `last_seen_at` that was read last. */
  mark: number;
  /** When that report came, and when the host was last looked at; both by the steady clock. */
  heardAt: number;
  lookedAt: number;
}

const SYSTEM: Clocks = { wall: Date.now, steady: () => performance.now() };

/**
 * How long hosts have been silent, as one process sees it: from when it saw a host's `last_seen_at` become
 * another one, by its own steady clock. What the stored time is compared with other clocks for is only where,
 * between two looks, the report came: a clock that jumps, and replicas whose clocks differ, take no host
 * down. Of a host that it sees for the first time a process knows nothing but that stored time.
 */
export class HostSilence {
  readonly #clocks: Clocks;
  readonly #hosts = new Map<HostName, Seen>();

  constructor(clocks: Clocks = SYSTEM) {
    this.#clocks = clocks;
  }

  /** Milliseconds since the report whose `last_seen_at` has just been read. */
  since(host: HostName, mark: number): number {
    const now = this.#clocks.steady();
    const seen = this.#hosts.get(host);
    if (seen !== undefined && seen.mark === mark) {
      seen.lookedAt = now;
      return now - seen.heardAt;
    }
    const oldest = seen === undefined ? Number.POSITIVE_INFINITY : now - seen.lookedAt;
    const age = Math.min(Math.max(this.#clocks.wall() - mark, 0), oldest);
    this.#hosts.set(host, { mark, heardAt: now - age, lookedAt: now });
    return age;
  }

  forget(host: HostName): void {
    this.#hosts.delete(host);
  }
}
