import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backoff } from './backoff.ts';

it('a backoff doubles its pauses up to the longest, and begins anew after a success', () => {
  const backoff = new Backoff({ first: 50, longest: 150 });
  assert.deepEqual([backoff.next(), backoff.next(), backoff.isLongest, backoff.next()], [50, 100, true, 150]);
  assert.equal(backoff.next(), 150);
  backoff.reset();
  assert.deepEqual([backoff.isLongest, backoff.next()], [false, 50]);
});
