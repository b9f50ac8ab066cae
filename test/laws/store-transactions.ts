import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { ProjectId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';
import type { Queries } from '../../src/store/promise/store.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

/** All or nothing, one after another, and nobody sees the middle. */
export function storeTransactionLaws(the: TheStore): void {
  it('lands all of it, and sees its own writes', async () => {
    const server = sampleServer();
    const seen = await the().store.transaction(async (tx) => {
      await tx.servers.insert(server);
      await tx.quotas.set(server.projectId, { cores: 7 });
      return tx.servers.find(server.id);
    });
    assert.equal(seen?.id, server.id);
    assert.deepEqual(await the().store.servers.find(server.id), seen);
    assert.deepEqual(await the().store.quotas.of(server.projectId), { cores: 7 });
  });

  it('lands nothing of one that throws, and throws what it threw', async () => {
    const server = sampleServer({ projectId: randomUUID() as ProjectId });
    const why = new Error('second thoughts');
    const work = the().store.transaction(async (tx) => {
      await tx.servers.insert(server);
      throw why;
    });
    await assert.rejects(work, (thrown) => thrown === why);
    assert.equal(await the().store.servers.find(server.id), undefined);
    assert.equal((await the().store.servers.usageOf(server.projectId)).instances, 0);
  });

  it('lets the others land when one of many at once throws', async () => {
    const servers = Array.from({ length: 30 }, () => sampleServer());
    const works = servers.map((server, at) =>
      the().store.transaction(async (tx) => {
        await tx.servers.insert(server);
        if (at % 3 === 0) throw new Error('not this one');
      }),
    );
    await Promise.allSettled(works);
    const found = await the().store.servers.findMany(servers.map(({ id }) => id));
    assert.deepEqual(
      found.map(({ id }) => id),
      servers.filter((_, at) => at % 3 !== 0).map(({ id }) => id),
    );
  });

  it('goes on in a transaction after a refused write', async () => {
    const [one, two] = [sampleServer(), sampleServer()];
    await the().store.transaction(async (tx) => {
      await tx.servers.insert(one);
      await assert.rejects(tx.servers.insert(one), { kind: 'conflict' });
      await tx.servers.insert(two);
    });
    assert.equal((await the().store.servers.findMany([one.id, two.id])).length, 2);
  });

  it('shows others only what has landed, and lets no reader wait', async () => {
    const server = sampleServer();
    const middle = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    const work = the().store.transaction(async (tx) => {
      await tx.servers.insert(server);
      middle.resolve();
      await looked.promise;
    });
    await middle.promise;
    assert.equal(await the().store.servers.find(server.id), undefined);
    looked.resolve();
    await work;
    assert.equal((await the().store.servers.find(server.id))?.id, server.id);
  });

  for (const kind of ['transaction', 'lockingTransaction'] as const)
    it(`lets no two that look before they write overrun a limit: ${kind}`, async () => {
      const projectId = randomUUID() as ProjectId;
      const limit = 5;
      const tries = Array.from({ length: 20 }, () =>
        the().store[kind](async (tx) => {
          const { instances } = await tx.servers.usageOf(projectId);
          if (instances >= limit) throw new Error('over quota');
          await tx.servers.insert(sampleServer({ projectId }));
        }),
      );
      const ends = await Promise.allSettled(tries);
      assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, limit);
      assert.equal((await the().store.servers.usageOf(projectId)).instances, limit);
    });

  it('holds what it looks at: all that change what they saw land', async () => {
    const { store } = the();
    const { id } = await store.servers.insert(sampleServer({ progress: 0 }));
    const add = () =>
      store.lockingTransaction(async (tx) => {
        const seen = await tx.servers.find(id);
        if (seen !== undefined) await tx.servers.update(seen, { progress: seen.progress + 1 });
      });
    await Promise.all(Array.from({ length: 20 }, add));
    assert.equal((await store.servers.find(id))?.progress, 20);
  });

  it('lands nothing of one that holds and throws', async () => {
    const { store } = the();
    const server = sampleServer({ projectId: randomUUID() as ProjectId });
    const work = store.lockingTransaction(async (tx) => {
      await tx.servers.usageOf(server.projectId);
      await tx.servers.insert(server);
      throw new Error('second thoughts');
    });
    await assert.rejects(work, /second thoughts/);
    assert.equal(await store.servers.find(server.id), undefined);
    assert.equal((await store.servers.usageOf(server.projectId)).instances, 0);
  });

  it('runs those that hold different rows once each, though all write to the same tables', async () => {
    let runs = 0;
    const made = await Promise.all(
      Array.from({ length: 20 }, () => the().store.servers.insert(sampleServer())),
    );
    const change = (seen: Server) =>
      the().store.lockingTransaction(async (tx) => {
        runs++;
        const found = await tx.servers.find(seen.id);
        if (found !== undefined) await tx.servers.update(found, { progress: 1 });
      });
    await Promise.all(made.map(change));
    assert.equal(runs, made.length);
  });

  it('gives another commit version after a commit, and the same one while everybody only reads', async () => {
    const { store } = the();
    const before = await store.commitVersion();
    await store.servers.listVersions({}, { limit: 1 });
    await store.transaction((tx) => tx.servers.listVersions({}, { limit: 1 }));
    assert.equal(await store.commitVersion(), before);
    await store.servers.insert(sampleServer());
    assert.notEqual(await store.commitVersion(), before);
  });

  it('refuses queries of a transaction that has ended', async () => {
    let kept: Queries | undefined;
    await the().store.transaction(async (tx) => {
      kept = tx;
    });
    const late = kept as Queries;
    await assert.rejects(late.servers.insert(sampleServer()), { kind: 'internal' });
  });
}
