import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue } from './hash-queue.ts';

test('never more at once than allowed, in the order in which they came', async () => {
  const queue = new HashQueue({ running: 2, waiting: 10 });
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = async (index: number) => {
    begun.push(index);
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return index;
  };
  const results = await Promise.all([0, 1, 2, 3, 4].map((index) => queue.run(() => work(index))));
  assert.deepEqual(results, [0, 1, 2, 3, 4]);
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.equal(most, 2);
});

test('who would wait too long is refused, and a failure frees its place', async () => {
  const queue = new HashQueue({ running: 1, waiting: 1 });
  const failing = queue.run(() => Promise.reject(new Error('broken')));
  const waiting = queue.run(async () => 'served');
  await assert.rejects(
    queue.run(async () => 'too many'),
    { kind: 'unavailable' },
  );
  await assert.rejects(failing, /broken/);
  assert.equal(await waiting, 'served');
  assert.equal(await queue.run(async () => 'free again'), 'free again');
});
