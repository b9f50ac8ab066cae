/** How a connection finds out that its peer is gone. libvirt's own client does the same. */
export interface KeepaliveOptions {
  /** Time without a byte from the peer before a ping goes out, in milliseconds. */
  readonly intervalMs: number;
  /** Pings that may stay without an answer. */
  readonly count: number;
}

/** libvirt's defaults (`keepalive_interval`, `keepalive_count`). */
export const defaultKeepalive: KeepaliveOptions = { intervalMs: 5_000, count: 5 };

interface Wire {
  ping(): void;
  /** Called once, when the peer did not answer `count` pings. */
  lost(silentMs: number): void;
}

/** Pings a silent peer, and gives it up after so many pings. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #wire: Wire;
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #unanswered = 0;

  constructor(options: KeepaliveOptions, wire: Wire) {
    this.#options = options;
    this.#wire = wire;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs).unref();
  }

  /** To be called whenever anything came from the peer. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered >= this.#options.count) {
      this.stop();
      this.#wire.lost((this.#unanswered + 1) * this.#options.intervalMs);
      return;
    }
    this.#unanswered++;
    this.#wire.ping();
  }
}
