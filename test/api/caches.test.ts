import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleServer } from '../laws/sample-server.ts';
import { startCompute } from './compute/compute-under-test.ts';

interface Counts {
  readonly entries: number;
  readonly bytes: number | null;
  readonly hits: number;
  readonly misses: number;
}

test('administrators see what caches hold, and how often they had what was asked for', async (t) => {
  const compute = await startCompute();
  t.after(() => compute.close());
  const url = '/nameplate/v1/caches';
  assert.equal((await compute.api.ask(compute.member.token, { url })).statusCode, 403);
  const counts = async (): Promise<Record<string, Counts>> => {
    const answer = await compute.api.ask(compute.admin, { url });
    assert.equal(answer.statusCode, 200, answer.body);
    const { caches } = answer.json() as { caches: (Counts & { name: string })[] };
    return Object.fromEntries(caches.map(({ name, ...rest }) => [name, rest]));
  };
  const path = '/servers/detail?all_tenants=1';
  const server = await compute.api.store.servers.insert(sampleServer());

  const before = await counts();
  assert.deepEqual(before['server-pages'], { entries: 0, bytes: 0, hits: 0, misses: 0 });
  const first = await compute.get({ path });
  assert.deepEqual(await compute.get({ path }), first);
  const after = await counts();
  const { entries, hits, misses } = after['server-pages'] as Counts;
  assert.deepEqual({ entries, hits, misses }, { entries: 1, hits: 1, misses: 1 });
  assert.ok((after['server-pages']?.bytes ?? 0) > JSON.stringify(first).length);
  assert.deepEqual([after['server-texts']?.entries, after['server-texts']?.misses], [1, 1]);
  assert.ok((after.callers?.hits ?? 0) > (before.callers?.hits ?? 0));
  assert.equal(after['host-facts']?.misses, 1);

  // A change of another server makes a new page, of the same text.
  await compute.api.store.servers.insert(sampleServer({ name: 'other' }));
  await compute.get({ path });
  const last = await counts();
  assert.deepEqual([last['server-texts']?.hits, last['server-texts']?.misses], [1, 2]);
  await compute.get({ path: `/servers/${server.id}` });
  assert.equal((await counts())['server-texts']?.misses, 3, 'one server is another view');
});
