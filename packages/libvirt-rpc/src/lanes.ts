/**
 * Which call goes out when, and on which connection. Pure: no sockets, no clock.
 *
 * libvirtd serves at most five requests of a connection at a time (`max_client_requests`) and reads no
 * sixth, not even a ping, while they last. A call on a guest whose QEMU hangs may last for ever. So:
 *
 * 1. A lane (a connection) carries at most `inFlight` calls (4): none ever waits on the daemon's side
 *    of the connection behind another.
 * 2. Of these at most `inFlight - 1` are ordinary; the last place is for prompt calls, those that
 *    libvirt itself classes as never waiting for a hypervisor's monitor, and destroy.
 * 3. Calls have a key, their guest (or, without a guest, their procedure). Of one key at most `perKey`
 *    (2) calls are under way, prompt and ordinary ones counted apart. More of them wait for their own kind only.
 * 4. A call whose caller has given up keeps its place until the daemon answers: the daemon's place is
 *    taken as long.
 * 5. When an admitted call finds no place, one more lane is asked for, up to a limit: at once for the first
 *    `eagerLanes` (3), which is where more of them stop making libvirtd faster; then only when the longest
 *    waiting call has seen no place come free for a while.
 *
 * With L lanes there are 3·L ordinary places, and H hung guests hold at most 2·H of them. So while
 * 2·H < 3·L no ordinary call of another guest waits for a hung one; prompt calls have L places more.
 */
export interface LaneLimits {
  /** Calls in flight on one connection; less than libvirtd's `max_client_requests` (5). */
  readonly inFlight: number;
  /** Calls of one guest, or of one procedure without guest, under way at a time. */
  readonly perKey: number;
  /** Connections, at most. */
  readonly lanes: number;
  /** Connections that are opened as soon as a call finds no place. */
  readonly eagerLanes: number;
}

export const defaultLimits: LaneLimits = { inFlight: 4, perKey: 2, lanes: 6, eagerLanes: 3 };

/** What the lanes need to know of a call. */
export interface LaneCall {
  readonly key: string;
  readonly prompt: boolean;
}

/** One connection's places. */
export interface Lane {
  prompt: number;
  ordinary: number;
}

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

  /** @param start called when a call gets its place. */
  constructor(limits: LaneLimits, start: (call: C, lane: L) => void) {
    this.#limits = limits;
    this.#start = start;
  }

  /** Whether an admitted call waits for a place and another lane may be added. */
  get wantsLane(): boolean {
    const waiting = this.#admitted.prompt.size + this.#admitted.ordinary.size;
    return waiting > 0 && this.#lanes.length < this.#limits.lanes;
  }

  /** Whether that lane is to be added at once. */
  get wantsLaneNow(): boolean {
    return this.wantsLane && this.#lanes.length < this.#limits.eagerLanes;
  }

  /**
   * The admitted call that has waited longest. As long as it is the same one, no place came free. Prompt calls have
   * the first choice of places, so they are stuck only where ordinary ones are too, unless there are none.
   */
  get longestWaiting(): C | undefined {
    return first(this.#admitted.ordinary) ?? first(this.#admitted.prompt);
  }

  addLane(lane: L): void {
    this.#lanes.push(lane);
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
    if (this.#gates.get(this.#gateName(call))?.waiting.delete(call)) return true;
    if (!this.#queue(call).delete(call)) return false;
    this.#leave(call);
    this.#fill();
    return true;
  }

  /** To be called when the daemon has answered a call that was started. */
  finish(call: C): void {
    const lane = this.#running.get(call);
    if (lane === undefined) return;
    this.#running.delete(call);
    lane[call.prompt ? 'prompt' : 'ordinary']--;
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

  #queue(call: C): Set<C> {
    return call.prompt ? this.#admitted.prompt : this.#admitted.ordinary;
  }

  #gateName({ key, prompt }: C): string {
    return prompt ? `prompt ${key}` : key;
  }

  #gate(call: C): Gate<C> {
    const name = this.#gateName(call);
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      gate = { underway: 0, waiting: new Set() };
      this.#gates.set(name, gate);
    }
    return gate;
  }

  #admit(call: C, gate: Gate<C>): void {
    gate.underway++;
    this.#queue(call).add(call);
  }

  /** A call is over: the next of its key is admitted in its stead. */
  #leave(call: C): void {
    const gate = this.#gate(call);
    gate.underway--;
    const next = first(gate.waiting);
    if (next !== undefined) {
      gate.waiting.delete(next);
      this.#admit(next, gate);
    } else if (gate.underway === 0) this.#gates.delete(this.#gateName(call));
  }

  #fill(): void {
    for (const kind of ['prompt', 'ordinary'] as const) {
      const queue = this.#admitted[kind];
      for (let call = first(queue); call !== undefined; call = first(queue)) {
        const lane = this.#place(kind);
        if (lane === undefined) break;
        queue.delete(call);
        lane[kind]++;
        this.#running.set(call, lane);
        this.#start(call, lane);
      }
    }
  }

  /** The least busy lane with a place for this kind of call. */
  #place(kind: 'prompt' | 'ordinary'): L | undefined {
    const { inFlight } = this.#limits;
    let best: L | undefined;
    for (const lane of this.#lanes) {
      const busy = lane.prompt + lane.ordinary;
      if (busy >= inFlight || (kind === 'ordinary' && lane.ordinary >= Math.max(1, inFlight - 1))) continue;
      if (best === undefined || busy < best.prompt + best.ordinary) best = lane;
    }
    return best;
  }
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
