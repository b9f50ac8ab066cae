import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { describe, test } from 'node:test';
import { startCloudFor } from '../../test/lab/cloud.ts';
import { activeServer } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { startServer, stopServer } from '../operations/kinds/power-server.ts';
import { deadline, within } from './deadline.ts';

/**
 * Counts timers that were made and neither ended nor fired. `process.getActiveResourcesInfo` leaves out those
 * that keep no process alive.
 */
function watchTimers() {
  const alive = new Set<number>();
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && alive.add(id)),
    destroy: (id) => void alive.delete(id),
  }).enable();
  return {
    count: () => alive.size,
    [Symbol.dispose]: () => void hook.disable(),
  };
}

describe('a timer ends with its work', () => {
  test('of a step: operations that have ended keep none', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await activeServer(cloud);
    using timers = watchTimers();
    for (let turn = 0; turn < 10; turn++) {
      await cloud.operations.start(stopServer, server, {}, requester());
      await cloud.idle();
      await cloud.operations.start(startServer, server, {}, requester());
      await cloud.idle();
      await cloud.operations.consoleOutput(await cloud.server(server.id), 1);
    }
    await new Promise(setImmediate); // async_hooks tells of ends a turn later
    // The engine and the agent have a few of their own.
    assert.ok(timers.count() < 10, `${timers.count()} timers are left of 30 operations`);
  });

  test('of work that fails', async () => {
    using timers = watchTimers();
    await assert.rejects(
      within(60_000, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    await new Promise(setImmediate);
    assert.equal(timers.count(), 0);
  });
});

test('a deadline aborts when its time is up or another signal does, and says which', async () => {
  await assert.rejects(
    within(
      1,
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ),
    { name: 'TimeoutError' },
  );
  const other = new AbortController();
  using time = deadline(60_000, [other.signal]);
  other.abort(new Error('closing'));
  assert.equal(time.signal.aborted, true);
  assert.match(String(time.signal.reason), /closing/);
});
