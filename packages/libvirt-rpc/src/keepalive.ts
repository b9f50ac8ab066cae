/** How a connection detects that its peer is gone, as libvirt's own client does. */
export interface KeepaliveOptions {
  /** Silence of the peer before a ping, in milliseconds. */
  readonly intervalMs: number;
  /** Maximum number of unanswered pings. */
  readonly count: number;
}

/** libvirt's defaults (`keepalive_interval`, `keepalive_count`). */
export const defaultKeepalive: KeepaliveOptions = { intervalMs: 5_000, count: 5 };

interface Wire {
  ping(): void;
  /** Called once, when the peer has not answered `count` pings. */
  lost(silentMs: number): void;
}

/** Pings a silent peer, and reports it as lost after a number of unanswered pings. */
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

  /** Call it for everything that the peer sends. */
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
