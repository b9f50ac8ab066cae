import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Lane, type LaneCall, type LaneLimits, Lanes } from './lanes.ts';

interface Call extends LaneCall {
  readonly number: number;
}

/** Lanes whose daemon is the test: what started stands in `running` until the test finishes it. */
class Bench {
  readonly running = new Map<Call, Lane>();
  readonly started: number[] = [];
  readonly lanes: Lanes<Call, Lane>;
  readonly #limits: LaneLimits;
  #count = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
    this.lanes = new Lanes(limits, (call: Call, lane: Lane) => {
      this.running.set(call, lane);
      this.started.push(call.number);
    });
    this.lanes.addLane({ prompt: 0, ordinary: 0 });
  }

  submit(key: string, prompt = false): Call {
    const call = { key, prompt, number: this.#count++ };
    this.lanes.submit(call);
    this.grow();
    return call;
  }

  /** As if all places were found stuck at once, each time. */
  grow(): void {
    while (this.lanes.wantsLane || this.lanes.wantsPlace) {
      if (this.lanes.wantsLane) this.lanes.addLane({ prompt: 0, ordinary: 0 });
      else this.lanes.addPlace();
    }
  }

  finish(call: Call): void {
    this.running.delete(call);
    this.lanes.finish(call);
  }

  /** The laws that hold at every moment. */
  check(): void {
    const perLane = new Map<Lane, number>();
    const perKey = new Map<string, number>();
    for (const [{ key, prompt }, lane] of this.running) {
      perLane.set(lane, (perLane.get(lane) ?? 0) + 1);
      perKey.set(`${key} ${prompt}`, (perKey.get(`${key} ${prompt}`) ?? 0) + 1);
    }
    assert.ok(perLane.size <= 3);
    assert.ok([...this.running.keys()].filter(({ prompt }) => !prompt).length <= this.#limits.most);
    for (const [lane, busy] of perLane) {
      assert.ok(busy <= this.#limits.inFlight);
      assert.equal(lane.prompt + lane.ordinary, busy);
      assert.ok(lane.ordinary < this.#limits.inFlight);
    }
    for (const count of perKey.values()) assert.ok(count <= this.#limits.perKey);
  }
}

const limits = { inFlight: 4, perKey: 2, eager: 2, most: 9 };
/** 2·H < 9. */
const hungGuests = 4;

describe('lanes', () => {
  it('no call of another guest ever waits for a hung one, prompt calls of hung guests come through', () => {
    const step = fc.record({
      guest: fc.nat({ max: 11 }),
      prompt: fc.boolean(),
      action: fc.constantFrom('submit', 'submit', 'submit', 'finish', 'withdraw'),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const bench = new Bench(limits);
        const waiting = new Set<Call>();
        const hung = (call: Call) => !call.prompt && Number(call.key) < hungGuests;
        const finishable = () => [...bench.running.keys()].filter((call) => !hung(call));
        for (const { guest, prompt, action, pick } of steps) {
          if (action === 'submit') waiting.add(bench.submit(String(guest), prompt));
          const running = finishable();
          const chosen = running[pick % Math.max(1, running.length)];
          if (action === 'finish' && chosen !== undefined) bench.finish(chosen);
          const given = [...waiting][pick % Math.max(1, waiting.size)];
          if (action === 'withdraw' && given !== undefined) {
            assert.equal(bench.lanes.withdraw(given), !bench.started.includes(given.number));
            waiting.delete(given);
          }
          bench.check();
        }
        for (let call = finishable()[0]; call !== undefined; call = finishable()[0]) bench.finish(call);
        for (const call of waiting) if (!hung(call)) assert.ok(bench.started.includes(call.number));
      }),
    );
  });

  it('keeps the order of one guest', () => {
    const bench = new Bench(limits);
    const calls = Array.from({ length: 6 }, () => bench.submit('a'));
    assert.deepEqual(bench.started, [0, 1]);
    for (const call of calls) bench.finish(call);
    assert.deepEqual(bench.started, [0, 1, 2, 3, 4, 5]);
  });

  it('stays on one connection while that has places', () => {
    const bench = new Bench(limits);
    for (const key of ['a', 'b', 'c']) bench.submit(key);
    bench.submit('a', true);
    assert.equal(new Set(bench.running.values()).size, 1);
    bench.submit('d');
    assert.equal(new Set(bench.running.values()).size, 2);
  });

  it('adds a place only where all are taken, and nothing starts while it is held', () => {
    const bench = new Lanes({ inFlight: 4, perKey: 2, eager: 1, most: 2 }, () => started++);
    let started = 0;
    bench.addLane({ prompt: 0, ordinary: 0 });
    bench.submit({ key: 'a', prompt: false });
    assert.equal(bench.wantsPlace, false);
    bench.submit({ key: 'b', prompt: false });
    assert.deepEqual([bench.wantsPlace, bench.next?.key], [true, 'b']);
    bench.hold();
    bench.submit({ key: 'c', prompt: true });
    bench.addPlace();
    assert.equal(started, 1);
    bench.release();
    assert.equal(started, 3);
    bench.submit({ key: 'd', prompt: false });
    assert.equal(bench.wantsPlace, false, 'the limit');
  });

  it('a withdrawn call never starts, and gives way to the next', () => {
    const bench = new Bench({ ...limits, eager: 3, most: 3 });
    const running = ['a', 'b', 'c'].map((key) => bench.submit(key));
    const withdrawn = bench.submit('d');
    bench.submit('e');
    assert.equal(bench.lanes.withdraw(withdrawn), true);
    bench.finish(running[0]!);
    assert.deepEqual(bench.started, [0, 1, 2, 4]);
  });

  it('gives back all that has not started', () => {
    const bench = new Bench({ ...limits, eager: 3, most: 3 });
    for (const key of ['a', 'a', 'a', 'b', 'c', 'c']) bench.submit(key);
    const back = bench.lanes.withdrawAll().map(({ number }) => number);
    assert.deepEqual(back.sort(), [2, 4, 5]);
    assert.deepEqual(bench.started, [0, 1, 3]);
  });

  it('a single connection with a single place still works', () => {
    const bench = new Bench({ inFlight: 1, perKey: 1, eager: 1, most: 1 });
    const first = bench.submit('a');
    bench.submit('b', true);
    bench.finish(first);
    assert.deepEqual(bench.started, [0, 1]);
  });
});
