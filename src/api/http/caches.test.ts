import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageCache } from './page-cache.ts';
import { TextCache } from './text-cache.ts';

describe('a cache of pages', () => {
  const page = async () => 'x'.repeat(1000);

  it('makes a page once for all requests that wait for it, and again after a failure', async () => {
    const cache = new PageCache('pages', 10_000);
    const state = { stamp: 1, epoch: 1 };
    await assert.rejects(Promise.resolve(cache.get(state, 'a', () => Promise.reject(new Error('no store')))));
    const [one, two] = await Promise.all([cache.get(state, 'a', page), cache.get(state, 'a', page)]);
    assert.equal(one, two);
    const { entries, hits, misses } = cache.counts();
    assert.deepEqual({ entries, hits, misses }, { entries: 1, hits: 1, misses: 2 });
  });

  it('uses no page of another state', async () => {
    const cache = new PageCache('pages', 10_000);
    const first = await cache.get({ stamp: 1, epoch: 1 }, 'a', page);
    assert.notEqual(await cache.get({ stamp: 2, epoch: 1 }, 'a', page), first);
    const second = await cache.get({ stamp: 2, epoch: 1 }, 'a', page);
    assert.notEqual(await cache.get({ stamp: 2, epoch: 2 }, 'a', page), second);
  });

  it('never holds more than one page beyond its size', async () => {
    const cache = new PageCache('pages', 5_000);
    for (let n = 0; n < 20; n++) {
      await cache.get({ stamp: 1, epoch: 1 }, `page ${n}`, page);
      assert.ok((cache.counts().bytes ?? 0) < 5_000 + 1_500);
    }
  });
});

describe('a cache of texts', () => {
  it('drops everything when hosts have changed or it is full', () => {
    const cache = new TextCache('texts', 5_000);
    const text = { generation: 1, beside: '', text: 'x'.repeat(3_000) };
    cache.add(cache.of('view', 1), 'a', text);
    assert.equal(cache.of('view', 1).get('a'), text);
    assert.equal(cache.of('view', 2).get('a'), undefined);
    for (const id of ['a', 'b']) cache.add(cache.of('view', 2), id, text);
    assert.equal(cache.of('view', 2).size, 0);
    assert.equal(cache.counts().entries, 0);
  });
});
