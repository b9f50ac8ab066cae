import type { ControlRequest } from '../../src/main/control.ts';
import type { ServerId } from '../../src/model/ids.ts';

type At = Parameters<NonNullable<ControlRequest['onBoundary']>>[0];

/** Watches the step boundaries of one kind of operation, and stops an operation at one as a crash would. */
export class Boundaries {
  readonly #kind: string;
  readonly #seen = new Map<ServerId, string[]>();
  readonly #stops = new Map<ServerId, { boundary: string; reached: () => void }>();
  readonly #ends = new Map<ServerId, () => void>();
  #next: { boundary: string; reached: () => void } | undefined;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** For `onBoundary`. @throws where the operation is to stop: then nothing more is written of it */
  readonly pass = ({ server, kind, boundary }: At): void => {
    if (kind !== this.#kind) return;
    const seen = this.#seen.get(server) ?? [];
    this.#seen.set(server, [...seen, boundary]);
    if (this.#next !== undefined) this.#stops.set(server, this.#next);
    this.#next = undefined;
    const stop = this.#stops.get(server);
    if (boundary === 'end') this.#ends.get(server)?.();
    if (boundary !== stop?.boundary) return;
    stop.reached();
    throw new Error('the process ends here');
  };

  /** Those that an operation on the server came to, first to last. */
  seen(server: ServerId): readonly string[] {
    return this.#seen.get(server) ?? [];
  }

  /**
   * Has the operation on this server stop there; where none is named, the next one of a server that is made.
   * @returns resolves when it is there
   */
  stopAt(boundary: string, server: ServerId | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = { boundary, reached: resolve };
    if (server === undefined) this.#next = stop;
    else this.#stops.set(server, stop);
    return promise;
  }

  /** Resolves when the operation on the server has ended. */
  async ended(server: ServerId): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.set(server, resolve);
    if (this.seen(server).includes('end')) resolve();
    await promise;
  }
}
