/**
 * Which call goes out when, and on which connection. Pure: no sockets, no clock.
 *
 * A call on a guest whose QEMU hangs may last for ever, and libvirtd has two narrow places. It serves at most
 * five requests of a connection at a time (`max_client_requests`) and reads no sixth, not even a ping, while
 * they last. And it has five workers at first (`min_workers`), more (`max_workers`: 20) only if it finds none
 * free and nothing queued when a call comes: once two calls have come too many, it adds none any more, and
 * all clients wait (seen in 9.0). So:
 *
 * 1. A lane (a connection) carries at most `inFlight` calls (4).
 * 2. Of these at most `inFlight - 1` are ordinary; the last place is for prompt calls, those that
 *    libvirt itself classes as never waiting for a hypervisor's monitor, and destroy. It has workers for
 *    these alone.
 * 3. Calls have a key, their guest (or, without a guest, their procedure). Of one key at most `perKey`
 *    (2) calls are under way, prompt and ordinary ones counted apart. More of them wait for their own kind
 * only.
 * 4. A call whose caller has given up keeps its place until the daemon answers: its worker is taken as long.
 * 5. Over all lanes at most `eager` (5) ordinary calls are under way, so that none waits for a worker. When
 *    all of these are stuck, one place is added, up to `most` (18), after libvirtd has been brought
 *    to add a worker (the client's part).
 * 6. When a call finds no lane for the place that it may have, a lane is added.
 *
 * H hung guests hold at most 2·H of the 18 ordinary places. So while 2·H < 18 no ordinary call of another
 * guest waits for a hung one longer than it takes to add a place; and prompt calls have places that ordinary
 * ones never take.
 */

/** How many calls may be under way, and on how many connections. The README explains the defaults. */
export interface LaneLimits {
  /** Calls in flight on one connection; less than libvirtd's `max_client_requests` (5). */
  readonly inFlight: number;
  /** Calls of one guest, or of one procedure without guest, under way at a time. */
  readonly perKey: number;
  /** Ordinary calls under way at a time, at first; at most libvirtd's `min_workers` (5). */
  readonly eager: number;
  /** Ordinary calls under way at a time, at most; less than libvirtd's `max_workers` (20). */
  readonly most: number;
}

/** Limits that fit libvirtd's own defaults. */
export const defaultLimits: LaneLimits = { inFlight: 4, perKey: 2, eager: 5, most: 18 };

/** What the lanes need to know of a call. */
export interface LaneCall {
  readonly key: string;
  readonly prompt: boolean;
}

/** One connection's places that are taken. */
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

  /** @param start called when a call gets its place. */
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

  /** Whether an ordinary call waits because all places are taken, and one may be added. */
  get wantsPlace(): boolean {
    const taken = this.#ordinary >= this.#places && this.#places < this.#limits.most;
    return taken && this.#admitted.ordinary.size > 0;
  }

  /** The ordinary call that is the next to start. As long as it is the same one, no place came free. */
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

  /** No call starts until {@link release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#fill();
  }

  /** Takes a call; it starts at once if there is a place for it. */
  submit(call: C): void {
    const gate = this.#gate(call);
    if (gate.underway < this.#limits.perKey) this.#admit(call, gate);
    else gate.waiting.add(call);
    this.#fill();
  }

  /** Takes back a call that waits. False if it has started, or is over. */
  withdraw(call: C): boolean {
    if (this.#gates.get(gateName(call))?.waiting.delete(call)) return true;
    if (!this.#admitted[kindOf(call)].delete(call)) return false;
    this.#leave(call);
    this.#fill();
    return true;
  }

  /** To be called when the daemon has answered a call that was started. */
  finish(call: C): void {
    const lane = this.#running.get(call);
    if (lane === undefined) return;
    this.#running.delete(call);
    this.#take(lane, kindOf(call), -1);
    this.#leave(call);
    this.#fill();
  }

  /** Takes back all calls that have not started. */
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

  /** A call is over: the next of its key is admitted in its stead. */
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

  /** The least busy lane that has room for this kind of call, if there is a place for it at all. */
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
