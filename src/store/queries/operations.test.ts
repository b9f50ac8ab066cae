import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { sampleOperation } from '../../../test/laws/sample-operation.ts';
import { openStore } from '../open.ts';

/** More than one part of a list that no index narrows. */
const MANY = 5_100;

it('a list of rare operations finds all, page by page, and lets other work through', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'np-operations-'));
  t.after(() => rm(folder, { recursive: true }));
  const store = await openStore({ connection: `sqlite:///${join(folder, 'nameplate.sqlite')}` });
  t.after(() => store.close());
  const rare = [0, 1, 2].map(() => sampleOperation({ kind: 'rare', state: 'undone', step: null }));
  await store.transaction(async (tx) => {
    await tx.operations.insert(rare[0]!);
    await tx.operations.insert(rare[1]!);
    for (let n = 0; n < MANY; n++) await tx.operations.insert(sampleOperation({ state: 'done', step: null }));
    await tx.operations.insert(rare[2]!);
  });
  const newest = rare.map(({ id }) => id).toReversed();
  for (const filter of [{ kind: 'rare' }, { state: 'undone' }, { kind: 'rare', since: 0 }] as const) {
    let served = 0;
    let other = setImmediate(function work() {
      served++;
      other = setImmediate(work);
    });
    const found = await store.operations.list(filter, { limit: 10 });
    clearImmediate(other);
    assert.deepEqual(
      found.map(({ id }) => id),
      newest,
    );
    const page = await store.operations.list(filter, { limit: 1, marker: newest[0]! });
    assert.deepEqual(
      page.map(({ id }) => id),
      [newest[1]],
    );
    assert.ok(served > 0, 'other work was done meanwhile');
  }
  assert.equal((await store.operations.list({ state: 'done' }, { limit: 1000 })).length, 1000);
});
