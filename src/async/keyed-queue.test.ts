import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyedQueue } from './keyed-queue.ts';

/** Work that is done when it is told to be, and says when it begins. */
function work(log: string[], name: string) {
  const done = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const run = async () => {
    log.push(`${name} begins`);
    begun.resolve();
    const result = await done.promise;
    log.push(`${name} ends`);
    return result;
  };
  return {
    run,
    begun: begun.promise,
    end: () => done.resolve(name),
    fail: () => done.reject(new Error(name)),
  };
}

describe('a keyed queue', () => {
  it('runs work with one key one after another, in the order it came, also after a failure', async () => {
    const log: string[] = [];
    const queue = new KeyedQueue<string>();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => work(log, name));
    const asked = [first, second, third].map((each) => queue.run('guest', each!.run));
    await first!.begun;
    second!.end();
    third!.end();
    first!.fail();
    await assert.rejects(asked[0]!, { message: 'first' });
    assert.deepEqual(await Promise.all(asked.slice(1)), ['second', 'third']);
    assert.deepEqual(log, ['first begins', 'second begins', 'second ends', 'third begins', 'third ends']);
  });

  it('runs work with different keys side by side', async () => {
    const log: string[] = [];
    const queue = new KeyedQueue<string>();
    const [here, there] = [work(log, 'here'), work(log, 'there')];
    const asked = [queue.run('a', here.run), queue.run('b', there.run)];
    await Promise.all([here.begun, there.begun]);
    there.end();
    assert.equal(await asked[1], 'there');
    here.end();
    assert.equal(await asked[0], 'here');
    assert.equal(await queue.run('a', async () => 'later'), 'later');
  });

  it('is idle when all its work has ended, and then remembers no key', async () => {
    const queue = new KeyedQueue<string>();
    const failing = queue.run('a', () => Promise.reject(new Error('broken')));
    const ends = Promise.withResolvers<void>();
    let isIdle = false;
    const working = queue.run('b', () => ends.promise);
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    await assert.rejects(failing, /broken/);
    assert.deepEqual([queue.size, isIdle], [1, false]);
    ends.resolve();
    await Promise.all([working, idle]);
    assert.equal(queue.size, 0);
  });
});
