import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SingleFlight } from './single-flight.ts';

const never = new AbortController().signal;

test('those who ask at once share one piece of work; those who ask later begin it anew', async () => {
  const shared = new SingleFlight<number>();
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const work = async () => {
    begun++;
    await promise;
    return begun;
  };
  const both = Promise.all([shared.run('a', never, work), shared.run('a', never, work)]);
  resolve();
  assert.deepEqual(await both, [1, 1]);
  assert.equal(await shared.run('a', never, work), 2);
});

test('work fails for all who wait, and may be tried again', async () => {
  const shared = new SingleFlight<string>();
  const fail = async () => {
    throw new Error('no');
  };
  const both = await Promise.allSettled([shared.run('a', never, fail), shared.run('a', never, fail)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await shared.run('a', never, async () => 'yes'), 'yes');
});

test('who gives up leaves the others their work; the last one who does ends it', async () => {
  const shared = new SingleFlight<string>();
  const ended = Promise.withResolvers<unknown>();
  const work = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => {
        ended.resolve(signal.reason);
        reject(signal.reason);
      });
    });
  const [first, second] = [new AbortController(), new AbortController()];
  let over = false;
  void ended.promise.then(() => {
    over = true;
  });
  const firstWait = shared.run('a', first.signal, work);
  const secondWait = shared.run('a', second.signal, work);
  first.abort(new Error('first'));
  await assert.rejects(firstWait, /first/);
  assert.equal(over, false);
  second.abort(new Error('second'));
  await assert.rejects(secondWait, /second/);
  await ended.promise;
});

test('who has given up already begins nothing', async () => {
  const shared = new SingleFlight<string>();
  const work = async () => assert.fail('begun');
  await assert.rejects(shared.run('a', AbortSignal.abort(), work), { name: 'AbortError' });
});
