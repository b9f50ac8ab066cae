import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

it('a semaphore lets so many run at a time, in the order they came, but for who gave up', async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
  const givingUp = new AbortController();
  const work = (number: number, signal = never) =>
    semaphore.run(signal, async () => {
      begun.push(number);
      await ends[number]?.promise;
    });
  const [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map((number) =>
    work(number, number === 2 ? givingUp.signal : never),
  );
  await nextTurn();
  assert.deepEqual(begun, [0, 1]);
  givingUp.abort(new Error('given up'));
  await assert.rejects(third as Promise<void>, /given up/);
  ends[1]?.reject(new Error('failed'));
  await assert.rejects(second as Promise<void>, /failed/);
  for (const number of [0, 3]) ends[number]?.resolve();
  await first;
  await fourth;
  await nextTurn();
  assert.deepEqual(begun, [0, 1, 3, 4]);
  ends[4]?.resolve();
  await fifth;
  await assert.rejects(work(5, AbortSignal.abort(new Error('before'))), /before/);
  ends[5]?.resolve();
  await Promise.all([work(5), work(5)]);
  assert.deepEqual(begun, [0, 1, 3, 4, 5, 5], 'all semaphore are free again');
});
