import assert from 'node:assert/strict';
import { it } from 'node:test';
import { batchLoader } from './batch-loader.ts';

/** Answers to questions that are under way, to be given when the test says so. */
function slowly() {
  const asked: { keys: readonly string[]; end: PromiseWithResolvers<ReadonlyMap<string, string>> }[] = [];
  const find = batchLoader<string, string>((keys) => {
    const end = Promise.withResolvers<ReadonlyMap<string, string>>();
    asked.push({ keys, end });
    return end.promise;
  });
  const answer = (n: number) =>
    asked[n]!.end.resolve(new Map(asked[n]!.keys.map((key) => [key, `the ${key}`])));
  return { asked, find, answer };
}

it('asks the first at once, and together those that came meanwhile, each key once', async () => {
  const { asked, find, answer } = slowly();
  const first = find('a');
  const others = ['b', 'c', 'b'].map(find);
  assert.deepEqual(
    asked.map(({ keys }) => keys),
    [['a']],
  );
  answer(0);
  assert.equal(await first, 'the a');
  await new Promise(setImmediate);
  assert.deepEqual(
    asked.map(({ keys }) => keys),
    [['a'], ['b', 'c']],
  );
  answer(1);
  assert.deepEqual(await Promise.all(others), ['the b', 'the c', 'the b']);
});

it('asks again for what was asked for while the answer was under way: it may have changed', async () => {
  const { asked, find, answer } = slowly();
  const first = find('a');
  const second = find('a');
  answer(0);
  await first;
  await new Promise(setImmediate);
  assert.equal(asked.length, 2);
  answer(1);
  await second;
});

it('tells a failure to those who asked then, and goes on', async () => {
  const { asked, find, answer } = slowly();
  const failing = [find('a')];
  asked[0]!.end.reject(new Error('away'));
  await assert.rejects(failing[0]!, /away/);
  const next = find('gone');
  asked[1]!.end.resolve(new Map());
  assert.equal(await next, undefined);
  const last = find('b');
  await new Promise(setImmediate);
  answer(2);
  assert.equal(await last, 'the b');
});
