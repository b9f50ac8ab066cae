import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FairQueue } from './fair-queue.ts';

const LIMITS = { running: 2, waiting: 512, waitingOfAddress: 64 };

/** A queue whose work is done one piece at a time, when the test says so; every piece is counted. */
function counted(limits = LIMITS) {
  const queue = new FairQueue(limits);
  const begun: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  const context = (address: string, user: string, name = `${address} ${user}`) => {
    const work = () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    return queue.run({ address, user }, work).catch((why) => {
      assert.equal(why.kind, 'too-many-requests');
      refused.push(name);
    });
  };
  /** Ends the oldest piece, and lets the next begin. */
  const endOne = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { begun, refused, context, endOne };
}

describe('beside a flood of 2,000 wrong passwords a right one waits for a bounded number of others', () => {
  const right = ['198.51.100.7', 'anna'] as const;
  for (const [flood, applicant] of Object.entries({
    'from another address, on another user': (_: number) => ['192.0.2.1', 'bob'],
    'from another address, on the same user': (_: number) => ['192.0.2.1', 'anna'],
    'from the same address, on another user': (_: number) => ['198.51.100.7', 'bob'],
    'from another address, on 2,000 names': (index: number) => ['192.0.2.1', `user-${index}`],
    'from 2,000 addresses, on another user': (index: number) => [`10.0.0.${index}`, 'bob'],
    'from 40 addresses, on 50 users each': (index: number) => [`10.0.0.${index % 40}`, `user-${index}`],
  }))
    test(flood, async () => {
      const { begun, refused, context, endOne } = counted();
      for (let index = 0; index < 2000; index++) {
        const [address = '', user = ''] = applicant(index);
        void context(address, user);
      }
      void context(...right, 'the right one');
      for (let turn = 0; turn < 100 && !begun.includes('the right one'); turn++) await endOne();
      const before = begun.indexOf('the right one');
      assert.ok(before >= 0 && before <= 90, `${before} others came first`);
      assert.ok(!refused.includes('the right one'));
      assert.ok(begun.length + refused.length <= 2001);
      assert.ok(refused.length >= 2000 - LIMITS.waiting - before - 2, 'what waits is bounded');
    });
});

describe('a queue of costly work', () => {
  test('never runs more at once than it may, and serves everybody who waits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 60 }), async (asked) => {
        const queue = new FairQueue({ running: 2, waiting: 100, waitingOfAddress: 100 });
        let running = 0;
        let served = 0;
        await Promise.all(
          asked.map(([address, user]) =>
            queue.run({ address: `${address}`, user: `${user}` }, async () => {
              assert.ok(++running <= 2);
              await new Promise(setImmediate);
              running--;
              served++;
            }),
          ),
        );
        assert.equal(served, asked.length);
      }),
      { numRuns: 50 },
    );
  });

  test('lets each of the addresses and users that wait have its turn before any has another', async () => {
    const { begun, context, endOne } = counted({ ...LIMITS, running: 1 });
    void context('now', 'now');
    for (const address of ['a', 'b', 'c', 'd'])
      for (let index = 0; index < 10; index++) void context(address, `user of ${address}`);
    for (let turn = 0; turn < 40; turn++) await endOne();
    for (let round = 0; round < 10; round++) {
      const four = begun.slice(1 + round * 4, 5 + round * 4);
      // Two orders take turns, each of which goes round by itself.
      assert.ok(new Set(four).size >= 2, four.join());
    }
    assert.equal(begun.length, 41);
  });

  test('frees the place of work that fails', async () => {
    const queue = new FairQueue({ ...LIMITS, running: 1 });
    const by = { address: 'a', user: 'b' };
    await assert.rejects(
      queue.run(by, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await queue.run(by, async () => 'served'), 'served');
  });
});
