import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import type { HostName, ProjectId, ServerId, UserId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Queries, Store } from '../../src/store/promise/store.ts';
import { sampleHost } from './sample-host.ts';
import { sampleOperation } from './sample-operation.ts';
import { sampleServer } from './sample-server.ts';
import { storeNetworkRaceLaws } from './store-network-races.ts';

const landed = <T>(ends: readonly PromiseSettledResult<T>[]) =>
  ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));

/** The kind of the n-th transaction: where both kinds are about, they take turns. */
const kindOf = (kind: 'transaction' | 'lockingTransaction' | 'both', n: number) =>
  kind === 'both' ? (n % 2 === 0 ? 'transaction' : 'lockingTransaction') : kind;

/**
 * What holds when several processes write to one database. `empty` makes a database that nothing was ever in.
 */
export function storeReplicaLaws(empty: () => Promise<string>): void {
  let replicas: Store[];
  before(async () => {
    const connection = await empty();
    replicas = await Promise.all([1, 2, 3].map(() => openStore({ connection })));
  });
  after(async () => {
    for (const store of replicas) await store.close();
  });
  /** Each replica does the work as often, all of it at once. */
  const everywhere = <T>(times: number, work: (store: Store, n: number) => Promise<T>) =>
    Promise.allSettled(
      Array.from({ length: times * replicas.length }, (_, n) =>
        work(replicas[n % replicas.length] as Store, n),
      ),
    );

  storeNetworkRaceLaws(() => replicas);

  it('makes the tables once, though all started at once', async () => {
    const made = await replicas[0]?.servers.insert(sampleServer());
    for (const store of replicas) assert.deepEqual(await store.servers.find(made?.id as ServerId), made);
  });

  it('gives another commit version as soon as any replica has committed', async () => {
    const [here, there] = replicas as [Store, Store, Store];
    for (let n = 0; n < 5; n++) {
      const before = await there.commitVersion();
      await here.servers.insert(sampleServer());
      assert.notEqual(await there.commitVersion(), before);
    }
  });

  it('finds what another replica has just written, though many are looked for at once', async () => {
    const [here, there] = replicas as [Store, Store, Store];
    const made = await Promise.all(Array.from({ length: 100 }, () => here.servers.insert(sampleServer())));
    const absent = randomUUID() as ServerId;
    const looked = [...made.map(({ id }) => id), absent].map((id) => there.servers.find(id));
    assert.deepEqual(await Promise.all(looked), [...made, undefined]);
    const changed = await here.servers.update(made[0] as Server, { progress: 1 });
    assert.deepEqual(await there.servers.find(changed.id), changed);
  });

  it('lets one of many writers win that saw the same generation', async () => {
    const made = await (replicas[0] as Store).servers.insert(sampleServer());
    const ends = await everywhere(8, ({ servers }, progress) => servers.update(made, { progress }));
    const [won, ...others] = landed(ends);
    assert.deepEqual(others, []);
    for (const end of ends)
      if (end.status === 'rejected') assert.equal(end.reason.kind, 'conflict', String(end.reason));
    for (const { servers } of replicas) assert.deepEqual(await servers.find(made.id), won);
  });

  for (const kind of ['transaction', 'lockingTransaction', 'both'] as const)
    it(`lets no two that look before they write overrun a quota: ${kind}`, async () => {
      const projectId = randomUUID() as ProjectId;
      const limit = 7;
      const ends = await everywhere(10, (store, n) =>
        store[kindOf(kind, n)](async (tx) => {
          const { instances } = await tx.servers.usageOf(projectId);
          if (instances >= limit) throw new Error('over quota');
          await tx.servers.insert(sampleServer({ projectId }));
        }),
      );
      assert.equal(landed(ends).length, limit);
      for (const end of ends) if (end.status === 'rejected') assert.equal(end.reason.message, 'over quota');
      assert.equal((await (replicas[0] as Store).servers.usageOf(projectId)).instances, limit);
    });

  it('lets no two that count before they add go over a limit, though they write different rows', async () => {
    const user = randomUUID() as UserId;
    const limit = 5;
    const ends = await everywhere(6, (store, n) =>
      store.transaction(async (tx) => {
        if ((await tx.keypairs.count(user)) >= limit) throw new Error('over quota');
        const pair = { type: 'ssh', publicKey: 'k', fingerprint: 'f', createdAt: 1 } as const;
        await tx.keypairs.insert({ ...pair, userId: user, name: `key-${n}` });
      }),
    );
    assert.equal(landed(ends).length, limit);
    assert.equal(await (replicas[0] as Store).keypairs.count(user), limit);
  });

  for (const kind of ['transaction', 'lockingTransaction', 'both'] as const)
    it(`gives the last place on a host to one server: ${kind}`, async () => {
      const [host, projectId] = [randomUUID() as HostName, randomUUID() as ProjectId];
      const { servers } = replicas[0] as Store;
      const made = await Promise.all(
        Array.from({ length: 12 }, () => servers.insert(sampleServer({ projectId }))),
      );
      const claim = async (tx: Queries, id: ServerId) => {
        const seen = await tx.servers.find(id);
        if (seen === undefined || (await tx.servers.usageOfHost(host)).instances >= 1) return false;
        await tx.servers.update(seen, { host });
        return true;
      };
      const ends = await everywhere(4, (store, n) =>
        store[kindOf(kind, n)]((tx) => claim(tx, made[n]?.id as ServerId)),
      );
      assert.deepEqual(
        landed(ends).toSorted(),
        made.map((_, n) => n === 11),
      );
    });

  it('lets no two members of a group look for a free host and take the same', async () => {
    const [groupId, host] = [randomUUID(), randomUUID() as HostName];
    const { servers, groups } = replicas[0] as Store;
    const made = await Promise.all(
      Array.from({ length: 6 }, () => servers.insert(sampleServer({ groupId }))),
    );
    const ends = await everywhere(2, (store, n) =>
      store.transaction(async (tx) => {
        const members = await tx.groups.members(groupId);
        if (members.some((member) => member.host === host)) return false;
        const seen = await tx.servers.find(made[n]?.id as ServerId);
        if (seen !== undefined) await tx.servers.update(seen, { host });
        return true;
      }),
    );
    assert.equal(landed(ends).filter(Boolean).length, 1);
    assert.equal((await groups.members(groupId)).filter((member) => member.host === host).length, 1);
  });

  it('lands all of many that want the same row', async () => {
    const projectId = randomUUID() as ProjectId;
    const ends = await everywhere(30, ({ servers }) => servers.insert(sampleServer({ projectId })));
    assert.equal(landed(ends).length, ends.length);
    assert.equal((await (replicas[0] as Store).servers.usageOf(projectId)).instances, ends.length);
  });

  it('gives each abandoned operation to one replica', async () => {
    const left = Array.from({ length: 30 }, () => sampleOperation({ owner: 'dead', leaseUntil: 1 }));
    for (const one of left) await (replicas[0] as Store).operations.insert(one);
    const ends = await everywhere(4, ({ operations }, n) =>
      operations.takeOver({ owner: `heir-${n}`, now: 2, leaseUntil: 9, limit: 4 }),
    );
    const taken = landed(ends).flat();
    assert.deepEqual(taken.map(({ id }) => id).toSorted(), left.map(({ id }) => id).toSorted());
    for (const one of taken) assert.deepEqual(await (replicas[1] as Store).operations.find(one.id), one);
  });

  it('takes a new host once, whichever replica heard of it', async () => {
    const ends = await everywhere(3, ({ hosts }) => hosts.report(sampleHost('heard-by-all')));
    assert.equal(new Set(landed(ends).map(({ number, serviceId }) => `${number} ${serviceId}`)).size, 1);
    assert.equal(landed(ends).length, ends.length);
  });
}
