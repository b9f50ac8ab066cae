import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTurns } from './in-turn.ts';

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

describe('work in turn', () => {
  it('with one key is done one after another, in the order it came, also after a failure', async () => {
    const log: string[] = [];
    const inTurn = createTurns();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => work(log, name));
    const asked = [first, second, third].map((each) => inTurn('guest', each!.run));
    await first!.begun;
    second!.end();
    third!.end();
    first!.fail();
    await assert.rejects(asked[0]!, { message: 'first' });
    assert.deepEqual(await Promise.all(asked.slice(1)), ['second', 'third']);
    assert.deepEqual(log, ['first begins', 'second begins', 'second ends', 'third begins', 'third ends']);
  });

  it('with different keys is done side by side', async () => {
    const log: string[] = [];
    const inTurn = createTurns();
    const [here, there] = [work(log, 'here'), work(log, 'there')];
    const asked = [inTurn('a', here.run), inTurn('b', there.run)];
    await Promise.all([here.begun, there.begun]);
    there.end();
    assert.equal(await asked[1], 'there');
    here.end();
    assert.equal(await asked[0], 'here');
    assert.equal(await inTurn('a', async () => 'later'), 'later');
  });
});
