import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { onAbort } from './on-abort.ts';
import { pause } from './pause.ts';
import { settlesWithin } from './settles-within.ts';
import { untilAborted } from './until-aborted.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
const forever = new Promise<never>(() => undefined);

describe('a listener of an abort', () => {
  it('is called once, also where the signal was aborted before', () => {
    const calls: string[] = [];
    const ending = new AbortController();
    using _later = onAbort(ending.signal, () => calls.push('later'));
    ending.abort();
    using _before = onAbort(ending.signal, () => calls.push('before'));
    assert.deepEqual(calls, ['later', 'before']);
  });

  it('is removed when it is disposed of', () => {
    const { signal } = new AbortController();
    {
      using _listener = onAbort(signal, () => assert.fail());
      assert.equal(listenersOf(signal), 1);
    }
    assert.equal(listenersOf(signal), 0);
  });
});

describe('a wait that an abort ends', () => {
  it('gives the value, or the failure, of what is awaited, and leaves no listener', async () => {
    const { signal } = new AbortController();
    assert.equal(await untilAborted(Promise.resolve(1), signal), 1);
    await assert.rejects(untilAborted(Promise.reject(new Error('broken')), signal), /broken/);
    assert.equal(listenersOf(signal), 0);
  });

  it('gives nothing once the signal is aborted', async () => {
    const ending = new AbortController();
    const waiting = untilAborted(forever, ending.signal);
    ending.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await untilAborted(forever, ending.signal), undefined);
  });
});

describe('a pause', () => {
  it('ends after its time, or at once when the signal is aborted, and says which', async () => {
    const ending = new AbortController();
    assert.equal(await pause(1, ending.signal), true);
    const long = pause(3_600_000, ending.signal);
    ending.abort();
    assert.equal(await long, false);
    assert.equal(await pause(3_600_000, ending.signal), false);
  });

  it('leaves no listener', async () => {
    const { signal } = new AbortController();
    await pause(0, signal);
    assert.equal(listenersOf(signal), 0);
  });
});

it('a promise settles within a time, fails within it, or does not', async () => {
  assert.equal(await settlesWithin(Promise.resolve(), 3_600_000), true);
  await assert.rejects(settlesWithin(Promise.reject(new Error('broken')), 3_600_000), /broken/);
  assert.equal(await settlesWithin(forever, 1), false);
});
