import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HostName } from '../../model/ids.ts';
import { HostSilence } from './host-silence.ts';

const HOST = 'kant' as HostName;
const HOUR = 3_600_000;

function clocks() {
  const time = { wall: 1_700_000_000_000, steady: 5 };
  return { time, silence: new HostSilence({ wall: () => time.wall, steady: () => time.steady }) };
}

describe('how long a host has been silent', () => {
  it('is what the stored time says, of a host that is seen for the first time', () => {
    const { time, silence } = clocks();
    assert.equal(silence.since(HOST, time.wall - 61_000), 61_000);
  });

  it('is not told by a wall clock that jumps forward or back', () => {
    for (const jump of [HOUR, -HOUR, 365 * 24 * HOUR, 400]) {
      const { time, silence } = clocks();
      const reported = time.wall;
      assert.equal(silence.since(HOST, reported), 0);
      time.wall += jump;
      time.steady += 400;
      assert.equal(silence.since(HOST, reported), 400);
    }
  });

  it('grows also for a report that is stored with a time in the future', () => {
    for (const mark of [Number.MAX_SAFE_INTEGER, 8.64e15, -1, 1e300]) {
      const { time, silence } = clocks();
      silence.since(HOST, time.wall);
      silence.since(HOST, mark);
      time.steady += 61_000;
      assert.ok(silence.since(HOST, mark) >= 61_000);
      assert.ok(silence.since(HOST, mark) < 61_000 + HOUR);
    }
  });

  it('is wrong by no more than the time between two looks, whatever the clocks of replicas and databases say', () => {
    const step = fc.record({
      passes: fc.integer({ min: 0, max: 5_000 }),
      jumps: fc.oneof(fc.constant(0), fc.integer({ min: -10 * HOUR, max: 10 * HOUR })),
      /** Another replica takes a report, with a clock that differs. */
      reportedAt: fc.option(fc.integer({ min: 0, max: 2e12 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { time, silence } = clocks();
        let mark = time.wall;
        let reported = time.steady;
        let looked = time.steady;
        silence.since(HOST, mark);
        for (const { passes, jumps, reportedAt } of steps) {
          time.steady += passes;
          time.wall += passes + jumps;
          if (reportedAt !== undefined && reportedAt !== mark) {
            mark = reportedAt;
            reported = time.steady;
          }
          const since = silence.since(HOST, mark);
          const trueSince = time.steady - reported;
          const gap = time.steady - looked;
          assert.ok(
            since >= trueSince && since <= trueSince + Math.max(gap, 5_000),
            `${since} for ${trueSince}`,
          );
          looked = time.steady;
        }
      }),
    );
  });
});
