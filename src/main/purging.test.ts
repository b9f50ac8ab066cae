import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { sampleServer } from '../../test/laws/sample-server.ts';
import type { LogEvent } from '../model/log.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/promise/store.ts';
import { startPurging } from './purging.ts';

const DAY = 24 * 3_600_000;
const HOUR = 3_600_000;

async function storeFor(t: TestContext): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'np-purging-'));
  const store = await openStore({ connection: `sqlite:///${folder}/s.sqlite` });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return store;
}

const deletedAt = (updatedAt: number) => sampleServer({ vmState: 'deleted', createdAt: 1, updatedAt });

it('purges what is older than it may be, by one of several replicas, and again an hour later', async (t) => {
  const store = await storeFor(t);
  const said: string[] = [];
  let now = 100 * DAY;
  for (const owner of ['a', 'b', 'c']) {
    const log = (event: LogEvent) => void said.push(event);
    const end = startPurging({ store, owner, days: 10, now: () => now, log, checkMs: 1 });
    t.after(end);
  }
  const purged = async (id: Awaited<ReturnType<typeof store.servers.insert>>['id']) => {
    while ((await store.servers.find(id)) !== undefined) await turn();
  };
  const old = await store.servers.insert(deletedAt(90 * DAY - 1));
  const young = await store.servers.insert(deletedAt(90 * DAY));
  await purged(old.id);
  while (said.length < 1) await turn();
  assert.deepEqual(said, ['rows-purged']);
  assert.ok(await store.servers.find(young.id));
  now += HOUR;
  await purged(young.id);
  while (said.length < 2) await turn();
  assert.equal(said.length, 2);
});

it('purges nothing where rows are to be kept for ever', async (t) => {
  const store = await storeFor(t);
  const { id } = await store.servers.insert(deletedAt(1));
  const log = () => assert.fail();
  await startPurging({ store, owner: 'a', days: 0, now: () => 10_000 * DAY, log, checkMs: 1 })();
  assert.equal(await store.chores.take({ name: 'purge', owner: 'x', now: 0, until: 1 }), true);
  assert.ok(await store.servers.find(id));
});

it('goes on when the store could not be purged', async (t) => {
  const store = await storeFor(t);
  const { promise, resolve } = Promise.withResolvers<string>();
  const broken: Store = {
    ...store,
    purge: { ...store.purge, piece: () => Promise.reject(new Error('no disk')) },
  };
  const log = (event: LogEvent) => resolve(event);
  t.after(startPurging({ store: broken, owner: 'a', days: 1, now: Date.now, log, checkMs: 1 }));
  assert.equal(await promise, 'purge-failed');
});
