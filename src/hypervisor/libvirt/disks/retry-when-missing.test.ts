import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { retryWhenMissing } from './retry-when-missing.ts';

const missing = () => readFile('/no/such/file');

test('work on a file that was gone for a moment is done again', async () => {
  let times = 0;
  const work = async () => (++times < 3 ? missing() : 'done');
  assert.equal(await retryWhenMissing(work), 'done');
  assert.equal(times, 3);
});

test('a file that stays away is missed in the end', async () => {
  await assert.rejects(retryWhenMissing(missing), { code: 'ENOENT' });
});

test('other failures are not tried again', async () => {
  let times = 0;
  const work = async () => {
    times++;
    throw new Error('broken');
  };
  await assert.rejects(retryWhenMissing(work), /broken/);
  assert.equal(times, 1);
});
