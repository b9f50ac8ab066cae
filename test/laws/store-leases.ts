import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { RequestId, ServerId } from '../../src/model/ids.ts';
import type { Operation } from '../../src/model/operation.ts';
import { sampleOperation as operation } from './sample-operation.ts';
import type { TheStore } from './store.ts';

const someServer = () => randomUUID() as ServerId;
const ids = (operations: readonly Operation[]) => operations.map(({ id }) => id);

/** Operations that have not ended: whose they are, and who may move them. */
export function storeLeaseLaws(the: TheStore): void {
  it('lists operations that have not ended, oldest first', async () => {
    const { operations } = the().store;
    const [late, early, ended] = [
      operation({ createdAt: 900 }),
      operation({ createdAt: 800 }),
      operation({ createdAt: 700 }),
    ];
    for (const one of [late, early, ended]) await operations.insert(one);
    await operations.save({ ...ended, state: 'done' });
    assert.deepEqual(ids(await operations.unfinished()).slice(-2), [early.id, late.id]);
    assert.ok(!ids(await operations.unfinished()).includes(ended.id));
  });

  it('cancels what has not ended of one server; the next save tells, and does not take it back', async () => {
    const { operations } = the().store;
    const serverId = someServer();
    const [running, ended, elsewhere] = [
      operation({ serverId }),
      operation({ serverId, state: 'undone' }),
      operation(),
    ];
    for (const one of [running, ended, elsewhere]) await operations.insert(one);
    assert.equal(await operations.cancel(serverId), 1);
    const saved = await operations.save({ ...running, step: '1' });
    assert.equal(saved.cancelled, true);
    assert.equal(saved.cancelRequestId, null);
    assert.deepEqual(await operations.find(running.id), saved);
    assert.equal((await operations.find(ended.id))?.cancelled, false);
    assert.equal((await operations.find(elsewhere.id))?.cancelled, false);
  });

  it('keeps the request that cancelled an operation, also when it is cancelled again without one', async () => {
    const { operations } = the().store;
    const running = operation();
    await operations.insert(running);
    await operations.cancel(running.serverId, 'req-abort' as RequestId);
    await operations.cancel(running.serverId);
    const saved = await operations.save({ ...running, state: 'undone', step: null });
    assert.deepEqual([saved.cancelled, saved.cancelRequestId], [true, 'req-abort']);
  });

  it('lets only the owner move an operation, and only from what it saw', async () => {
    const { operations } = the().store;
    const begun = operation();
    await operations.insert(begun);
    const moved = await operations.save({ ...begun, step: '1' });
    await assert.rejects(operations.save({ ...begun, step: '2' }), { kind: 'conflict' });
    await assert.rejects(operations.save({ ...moved, owner: 'other', step: '2' }), { kind: 'conflict' });
    assert.deepEqual(await operations.find(begun.id), moved);
    assert.equal((await operations.save({ ...moved, step: '2' })).generation, 3);
  });

  it('gives what nobody has a lease on to another, who alone may move it then', async () => {
    const { operations } = the().store;
    const owner = randomUUID();
    const [first, second, third] = [30, 10, 20].map((createdAt) =>
      operation({ owner, createdAt, leaseUntil: 100 }),
    ) as [Operation, Operation, Operation];
    const ended = operation({ owner, state: 'done', leaseUntil: 100 });
    const leased = operation({ owner, leaseUntil: 500 });
    for (const one of [first, second, third, ended, leased]) await operations.insert(one);
    const by = { owner: 'heir', now: 200, leaseUntil: 900, limit: 2 };
    assert.deepEqual(await operations.takeOver({ ...by, now: 100 }), []);
    const taken = await operations.takeOver(by);
    const heirs = { owner: 'heir', leaseUntil: 900, generation: 2 };
    assert.deepEqual(taken, [
      { ...second, ...heirs },
      { ...third, ...heirs },
    ]);
    await assert.rejects(operations.save({ ...second, step: '1' }), { kind: 'conflict' });
    assert.equal((await operations.save({ ...taken[0]!, step: '1' })).step, '1');
    assert.deepEqual(ids(await operations.takeOver(by)), [first.id]);
    assert.deepEqual(await operations.takeOver(by), []);
    assert.deepEqual(await operations.find(leased.id), leased);
  });

  it('lets an owner let go of what it does not understand, for any other to take over', async () => {
    const { operations } = the().store;
    const owner = randomUUID();
    const begun = operation({ owner, leaseUntil: 5_000 });
    await operations.insert(begun);
    await assert.rejects(operations.letGo({ ...begun, owner: 'other' }, 'no'), { kind: 'conflict' });
    await operations.letGo(begun, 'It is of version 2.');
    const left = (await operations.find(begun.id))!;
    assert.deepEqual(left, {
      ...begun,
      ...{ owner: '', leaseUntil: 0, generation: 2, notUnderstood: 'It is of version 2.' },
    });
    await assert.rejects(operations.save({ ...begun, step: 'boot' }), { kind: 'conflict' });
    const by = { owner, now: 100, leaseUntil: 900, limit: 1_000 };
    assert.ok(!ids(await operations.takeOver({ ...by, except: [begun.id] })).includes(begun.id));
    const heir = { ...by, owner: randomUUID() };
    const taken = (await operations.takeOver(heir)).find(({ id }) => id === begun.id);
    assert.deepEqual(taken, {
      ...begun,
      ...{ owner: heir.owner, leaseUntil: 900, generation: 3, notUnderstood: null },
    });
    await operations.save({ ...taken!, state: 'done' });
  });

  it('renews all leases of an owner, and moves nothing by it', async () => {
    const { operations } = the().store;
    const owner = randomUUID();
    const [one, two, ended] = [
      operation({ owner, leaseUntil: 1 }),
      operation({ owner, leaseUntil: 1 }),
      operation({ owner, leaseUntil: 1, state: 'undone' }),
    ];
    for (const each of [one, two, ended]) await operations.insert(each);
    assert.equal(await operations.renew(owner, 2_000), 2);
    assert.deepEqual(await operations.find(one.id), { ...one, leaseUntil: 2_000 });
    assert.deepEqual(await operations.find(ended.id), ended);
    assert.equal((await operations.save({ ...two, step: '1' })).leaseUntil, 2_000);
    assert.equal(await operations.renew(randomUUID(), 2_000), 0);
  });

  it('gives each abandoned operation to one of many that ask at once', async () => {
    const { operations } = the().store;
    const left = Array.from({ length: 12 }, () => operation({ owner: 'dead', leaseUntil: 2_100 }));
    for (const one of left) await operations.insert(one);
    const heirs = Array.from({ length: 6 }, (_, n) => ({
      owner: `heir-${n}`,
      now: 2_200,
      leaseUntil: 9_000,
      limit: 5,
    }));
    const taken = (await Promise.all(heirs.map((by) => operations.takeOver(by)))).flat();
    const mine = ids(taken).filter((id) => ids(left).includes(id));
    assert.deepEqual(mine.toSorted(), ids(left).toSorted());
    for (const one of taken) assert.deepEqual(await operations.find(one.id), one);
  });

  it('finds what was begun before on the same server and has not ended', async () => {
    const { operations } = the().store;
    const serverId = someServer();
    const [first, second, third] = [
      operation({ serverId }),
      operation({ serverId }),
      operation({ serverId }),
    ];
    for (const one of [first, operation(), second, third]) await operations.insert(one);
    assert.equal(await operations.unfinishedBefore(first), undefined);
    assert.deepEqual(await operations.unfinishedBefore(third), first);
    await operations.save({ ...first, state: 'done' });
    assert.deepEqual(await operations.unfinishedBefore(third), second);
    assert.equal(await operations.unfinishedBefore(second), undefined);
  });
}
