import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../../model/identity.ts';
import { CallerCache } from './caller-cache.ts';

const caller = { userName: 'anna' } as Caller;
const answer = async () => ({ caller, expiresAt: 10_000 });

test('what was loaded is believed for five seconds, and never past the end of the token', async () => {
  const cache = new CallerCache(20_000);
  await cache.load('a', answer, 0);
  assert.equal(cache.get('a', 4_999), caller);
  assert.equal(cache.get('a', 5_000), undefined);
  await cache.load('a', answer, 8_000);
  assert.equal(cache.get('a', 9_999), caller);
  assert.equal(cache.get('a', 10_000), undefined);
});

test('those who wait for the same token ask once', async () => {
  const cache = new CallerCache(20_000);
  let asked = 0;
  const counting = async () => {
    asked++;
    return answer();
  };
  await Promise.all([cache.load('a', counting, 0), cache.load('a', counting, 0)]);
  assert.equal(asked, 1);
});

test('what was asked before a change is not kept after it', async () => {
  const cache = new CallerCache(20_000);
  const question = Promise.withResolvers<{ caller: Caller; expiresAt: number }>();
  const loading = cache.load('a', () => question.promise, 0);
  cache.forget();
  question.resolve({ caller, expiresAt: 10_000 });
  assert.equal(await loading, caller);
  assert.equal(cache.get('a', 1), undefined);
});

test('a question that failed is asked again', async () => {
  const cache = new CallerCache(20_000);
  await assert.rejects(
    cache.load('a', () => Promise.reject(new Error('no store')), 0),
    /no store/,
  );
  assert.equal(await cache.load('a', answer, 0), caller);
});

test('an unknown token is not remembered', async () => {
  const cache = new CallerCache(20_000);
  assert.equal(await cache.load('a', async () => undefined, 0), undefined);
  assert.equal(await cache.load('a', answer, 0), caller);
});
