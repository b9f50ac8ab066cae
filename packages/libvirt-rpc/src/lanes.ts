/**
 * Decides when and on which connection calls start. Pure: no sockets, no clock.
 *
 * A call on a guest whose QEMU hangs may last for ever, and libvirtd has two bottlenecks. It serves at most
 * five requests of a connection at once (`max_client_requests`), and reads no further one, not even a ping.
 * And it starts with five workers (`min_workers`). It adds workers (up to `max_workers`: 20) only if a call
 * arrives when no worker is free and no call is queued. After two calls too many it adds no more, and all
 * clients wait (seen in 9.0). Therefore:
 *
 * 1. A lane (a connection) carries at most `inFlight` calls (4).
 * 2. At most `inFlight - 1` of these are ordinary. The last place is reserved for prompt calls: those that
 *    libvirt classifies as never waiting for a hypervisor's monitor, and destroy. libvirtd has workers for
 *    these alone.
 * 3. Calls have a key: their guest, or without a guest their procedure. At most `perKey` (2) calls of one key
 *    are in progress; prompt and ordinary ones are counted separately. Further calls wait only for their own
 *    kind.
 * 4. A call whose caller has given up keeps its place until the daemon answers, because it occupies a worker.
 * 5. At most `eager` (5) ordinary calls are in progress over all lanes, so that none waits for a worker. When
 *    all of these are stuck, one place is added, up to `most` (18), after the client has made libvirtd add a
 *    worker.
 * 6. When no lane has room for a call that may have a place, a lane is added.
 *
 * H hung guests occupy at most 2·H of the 18 ordinary places. While 2·H < 18, an ordinary call of another
 * guest waits no longer than it takes to add a place. Prompt calls have places that ordinary ones never use.
 */

/** Maximum numbers of concurrent calls and connections. The README explains the defaults. */
export interface LaneLimits {
  /** Concurrent calls on one connection; less than libvirtd's `max_client_requests` (5). */
  readonly inFlight: number;
  /** Concurrent calls of one guest, or of one procedure without a guest. */
  readonly perKey: number;
  /** Initial maximum of concurrent ordinary calls; at most libvirtd's `min_workers` (5). */
  readonly eager: number;
  /** Final maximum of concurrent ordinary calls; less than libvirtd's `max_workers` (20). */
  readonly most: number;
}

/** Limits that fit libvirtd's own defaults. */
export const defaultLimits: LaneLimits = { inFlight: 4, perKey: 2, eager: 5, most: 18 };

/** The properties of a call that the lanes need. */
export interface LaneCall {
  readonly key: string;
  readonly prompt: boolean;
}

/** The used places of one connection. */
export interface Lane {
  prompt: number;
  ordinary: number;
}

type Kind = 'prompt' | 'ordinary';

interface Gate<C> {
  underway: number;
  readonly waiting: Set<C>;
}

export class Lanes<C extends LaneCall, L extends Lane> {
  readonly #limits: LaneLimits;
  readonly #start: (call: C, lane: L) => void;
  readonly #lanes: L[] = [];
  readonly #gates = new Map<string, Gate<C>>();
  readonly #admitted = { prompt: new Set<C>(), ordinary: new Set<C>() };
  readonly #running = new Map<C, L>();
  #places: number;
  #ordinary = 0;
  #held = false;

  /** @param start called when a call gets its place */
  constructor(limits: LaneLimits, start: (call: C, lane: L) => void) {
    this.#limits = limits;
    this.#places = Math.min(limits.eager, limits.most);
    this.#start = start;
  }

  /** Whether a call waits only for a lane, and one may be added. */
  get wantsLane(): boolean {
    const { prompt, ordinary } = this.#admitted;
    const waits = prompt.size > 0 || (ordinary.size > 0 && this.#ordinary < this.#places);
    return waits && this.#lanes.length < Math.ceil(this.#limits.most / this.#ordinaryPerLane);
  }

  /** Whether an ordinary call waits because all places are used, and one may be added. */
  get wantsPlace(): boolean {
    const taken = this.#ordinary >= this.#places && this.#places < this.#limits.most;
    return taken && this.#admitted.ordinary.size > 0;
  }

  /** The next ordinary call to start. While it stays the same, no place has become free. */
  get next(): C | undefined {
    return first(this.#admitted.ordinary);
  }

  addLane(lane: L): void {
    this.#lanes.push(lane);
    this.#fill();
  }

  addPlace(): void {
    this.#places++;
    this.#fill();
  }

  /** Starts no call until {@link release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#fill();
  }

  /** Submits a call, which starts at once if there is a place for it. */
  submit(call: C): void {
    const gate = this.#gate(call);
    if (gate.underway < this.#limits.perKey) this.#admit(call, gate);
    else gate.waiting.add(call);
    this.#fill();
  }

  /** Withdraws a waiting call. @returns false if it has started or ended */
  withdraw(call: C): boolean {
    if (this.#gates.get(gateName(call))?.waiting.delete(call)) return true;
    if (!this.#admitted[kindOf(call)].delete(call)) return false;
    this.#leave(call);
    this.#fill();
    return true;
  }

  /** Call it when the daemon has answered a call that was started. */
  finish(call: C): void {
    const lane = this.#running.get(call);
    if (lane === undefined) return;
    this.#running.delete(call);
    this.#take(lane, kindOf(call), -1);
    this.#leave(call);
    this.#fill();
  }

  /** Withdraws all calls that have not started. */
  withdrawAll(): C[] {
    const { prompt, ordinary } = this.#admitted;
    const waiting = [
      ...prompt,
      ...ordinary,
      ...[...this.#gates.values()].flatMap((gate) => [...gate.waiting]),
    ];
    return waiting.filter((call) => this.withdraw(call));
  }

  get #ordinaryPerLane(): number {
    return Math.max(1, this.#limits.inFlight - 1);
  }

  #gate(call: C): Gate<C> {
    const name = gateName(call);
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      gate = { underway: 0, waiting: new Set() };
      this.#gates.set(name, gate);
    }
    return gate;
  }

  #admit(call: C, gate: Gate<C>): void {
    gate.underway++;
    this.#admitted[kindOf(call)].add(call);
  }

  /** Ends a call, and admits the next one of its key. */
  #leave(call: C): void {
    const gate = this.#gate(call);
    gate.underway--;
    const next = first(gate.waiting);
    if (next !== undefined) {
      gate.waiting.delete(next);
      this.#admit(next, gate);
    } else if (gate.underway === 0) this.#gates.delete(gateName(call));
  }

  #fill(): void {
    for (const kind of ['prompt', 'ordinary'] as const) {
      const queue = this.#admitted[kind];
      for (let call = first(queue); call !== undefined && !this.#held; call = first(queue)) {
        const lane = this.#laneFor(kind);
        if (lane === undefined) break;
        queue.delete(call);
        this.#take(lane, kind, 1);
        this.#running.set(call, lane);
        this.#start(call, lane);
      }
    }
  }

  #take(lane: L, kind: Kind, by: 1 | -1): void {
    lane[kind] += by;
    if (kind === 'ordinary') this.#ordinary += by;
  }

  /** The least busy lane with room for this kind of call, if a place is free at all. */
  #laneFor(kind: Kind): L | undefined {
    if (kind === 'ordinary' && this.#ordinary >= this.#places) return undefined;
    let best: L | undefined;
    for (const lane of this.#lanes) {
      const busy = lane.prompt + lane.ordinary;
      if (busy >= this.#limits.inFlight) continue;
      if (kind === 'ordinary' && lane.ordinary >= this.#ordinaryPerLane) continue;
      if (best === undefined || busy < best.prompt + best.ordinary) best = lane;
    }
    return best;
  }
}

function kindOf({ prompt }: LaneCall): Kind {
  return prompt ? 'prompt' : 'ordinary';
}

function gateName({ key, prompt }: LaneCall): string {
  return prompt ? `prompt ${key}` : key;
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
