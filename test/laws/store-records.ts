import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { HostName, OperationId, ProjectId, RequestId, ServerId, UserId } from '../../src/model/ids.ts';
import type { InstanceAction } from '../../src/model/operation.ts';
import type { SerialRecord } from '../../src/model/serial.ts';
import { sampleOperation as operation } from './sample-operation.ts';
import { sampleRecord } from './sample-record.ts';
import type { TheStore } from './store.ts';

const someServer = () => randomUUID() as ServerId;

function action(fields: Partial<InstanceAction> = {}): InstanceAction {
  const open = { finishedAt: null, result: null, details: null, traceback: null, host: null };
  return {
    serverId: someServer(),
    action: 'reboot',
    requestId: `req-${randomUUID()}` as RequestId,
    projectId: 'p' as ProjectId,
    userId: 'u' as UserId,
    startedAt: 10,
    updatedAt: 10,
    message: null,
    events: [{ event: 'compute_reboot_instance', startedAt: 10, ...open }],
    ...fields,
  };
}

/** What is written down of servers and hosts beside themselves. */
export function storeRecordLaws(the: TheStore): void {
  it('keeps an operation, and writes only what moves', async () => {
    const { operations } = the().store;
    const begun = operation();
    await operations.insert(begun);
    await assert.rejects(operations.insert(begun), { kind: 'conflict' });
    assert.deepEqual(await operations.find(begun.id), begun);
    const moved = {
      version: 2,
      state: 'unwinding',
      step: 'boot',
      input: { host: null },
      outputs: { schedule: { host: 'h' } },
      updatedAt: 9,
    } as const;
    const failure = { kind: 'conflict', message: 'm', operatorText: 'o' };
    const notUndone = ['define'];
    const saved = await operations.save({ ...begun, ...moved, notUndone, failure });
    assert.deepEqual(saved, { ...begun, ...moved, notUndone, failure, generation: 2 });
    assert.deepEqual(await operations.find(begun.id), saved);
    await operations.save({ ...saved, kind: 'other', createdAt: 77 });
    assert.deepEqual(await operations.find(begun.id), { ...saved, generation: 3 });
    await assert.rejects(operations.save(operation()), { kind: 'not-found' });
  });

  it('lists operations newest first, by server, state, kind and time, page by page', async () => {
    const { operations } = the().store;
    const serverId = someServer();
    const [first, second, third] = [
      operation({ serverId, updatedAt: 10 }),
      operation({ serverId, kind: 'stop-server', state: 'done', updatedAt: 20 }),
      operation({ serverId, state: 'undone', updatedAt: 30 }),
    ] as const;
    for (const one of [first, second, third, operation()]) await operations.insert(one);
    const ids = async (...asked: Parameters<typeof operations.list>) =>
      (await operations.list(...asked)).map(({ id }) => id);
    const all = { limit: 10 };
    assert.deepEqual(await operations.list({ server: serverId }, all), [third, second, first]);
    assert.deepEqual(await ids({ server: serverId, state: 'running' }, all), [first.id]);
    assert.deepEqual(await ids({ server: serverId, state: 'done' }, all), [second.id]);
    assert.deepEqual(await ids({ server: serverId, kind: 'stop-server' }, all), [second.id]);
    assert.deepEqual(await ids({ server: serverId, since: 20 }, all), [third.id, second.id]);
    assert.deepEqual(await ids({ server: serverId }, { limit: 2 }), [third.id, second.id]);
    assert.deepEqual(await ids({ server: serverId }, { limit: 2, marker: second.id }), [first.id]);
    await assert.rejects(operations.list({}, { limit: 1, marker: 'none' }), { kind: 'invalid' });
  });

  it('only adds to the log of an operation', async () => {
    const { operations } = the().store;
    const operationId = randomUUID() as OperationId;
    const line = { operationId, step: 'spawn', event: 'try failed', tries: 3, detail: null, at: 7 } as const;
    await operations.log(line);
    await operations.log({ ...line, event: 'failed', detail: 'no space', at: 6 });
    assert.deepEqual(await operations.logOf(operationId), [
      line,
      { ...line, event: 'failed', detail: 'no space', at: 6 },
    ]);
    assert.deepEqual(await operations.logOf(randomUUID() as OperationId), []);
  });

  it('keeps an action, and ends its event once', async () => {
    const { actions } = the().store;
    const begun = action();
    await actions.begin(begun);
    await assert.rejects(actions.begin(begun), { kind: 'conflict' });
    assert.deepEqual(await actions.find(begun.serverId, begun.requestId), begun);
    const outcome = { result: 'Error', details: 'd', traceback: 't', host: 'h' as HostName } as const;
    await actions.finish(begun, { at: 20, ...outcome });
    const ended = {
      ...begun,
      updatedAt: 20,
      message: 'Error',
      events: [{ ...begun.events[0], finishedAt: 20, ...outcome }],
    };
    assert.deepEqual(await actions.find(begun.serverId, begun.requestId), ended);
    await actions.finish(begun, { at: 30, ...outcome, result: 'Success' });
    assert.deepEqual(await actions.find(begun.serverId, begun.requestId), ended);
    await assert.rejects(actions.finish(action(), { at: 1, ...outcome }), { kind: 'not-found' });
  });

  it('lists actions newest first, by pages and moments', async () => {
    const { actions } = the().store;
    const serverId = someServer();
    const made = [1, 2, 2, 3].map((startedAt) => action({ serverId, startedAt, updatedAt: startedAt }));
    for (const one of made) await actions.begin(one);
    const [a, b, c, d] = made as [InstanceAction, InstanceAction, InstanceAction, InstanceAction];
    assert.deepEqual(await actions.list(serverId, { limit: 9 }), [d, c, b, a]);
    assert.deepEqual(await actions.list(serverId, { limit: 2, marker: c.requestId }), [b, a]);
    assert.deepEqual(await actions.list(serverId, { limit: 9, changedSince: 2, changedBefore: 2 }), [c, b]);
    await assert.rejects(actions.list(serverId, { limit: 9, marker: 'req-none' }), { kind: 'invalid' });
  });

  it('only adds to the ledger of serials', async () => {
    const { serials } = the().store;
    const serverId = someServer();
    const first = sampleRecord(serverId);
    const second: SerialRecord = {
      ...first,
      serial: null,
      source: 'none',
      because: [],
      effect: 'pending',
      at: 3,
    };
    await serials.add(first);
    await serials.add(second);
    assert.deepEqual(await serials.of(serverId), [first, second]);
    assert.deepEqual(await (await the().reopen()).serials.of(serverId), [first, second]);
  });

  it('finds what ledgers of many servers say of now', async () => {
    const { serials } = the().store;
    const [none, fresh, moved, again] = [someServer(), someServer(), someServer(), someServer()];
    const booted = (id: typeof none, at: number) => ({ ...sampleRecord(id), at });
    const waits = (id: typeof none, at: number): SerialRecord => ({
      ...sampleRecord(id),
      at,
      effect: 'pending',
      operationId: null,
    });
    const lines = [
      booted(fresh, 1),
      booted(moved, 2),
      waits(again, 3),
      waits(moved, 4),
      booted(again, 5),
      waits(moved, 6),
    ];
    for (const line of lines) await serials.add(line);
    const standings = await serials.standingsOf([none, fresh, moved, again]);
    assert.deepEqual([...standings.keys()].toSorted(), [fresh, moved, again].toSorted());
    assert.deepEqual(standings.get(fresh), { current: lines[0], last: lines[0] });
    assert.deepEqual(standings.get(moved), { current: lines[1], last: lines[5] });
    assert.deepEqual(standings.get(again), { current: lines[4], last: lines[4] });
    assert.deepEqual(await serials.standingsOf([]), new Map());
  });

  it('reads the whole ledger piece by piece', async () => {
    const { serials } = the().store;
    const whole = async () => {
      const read: SerialRecord[] = [];
      for (let after = 0; ; ) {
        const piece = await serials.list({ after, limit: 2 });
        assert.ok(piece.length <= 2);
        read.push(...piece.map(({ record }) => record));
        if (piece.length === 0) return read;
        after = piece.at(-1)!.number;
      }
    };
    const before = await whole();
    const added = [1, 2, 3].map((at) => ({ ...sampleRecord(someServer()), at }));
    for (const record of added) await serials.add(record);
    assert.deepEqual(await whole(), [...before, ...added]);
  });

  it('keeps the limits that were set, and forgets those that are named', async () => {
    const { quotas } = the().store;
    const project = randomUUID() as ProjectId;
    await quotas.set(project, { cores: 5, ram: -1 });
    await quotas.set(project, { cores: 6 });
    assert.deepEqual(await quotas.of(project), { cores: 6, ram: -1 });
    const all = await quotas.ofAll(['cores', 'instances']);
    assert.deepEqual(all.get(project), { cores: 6 });
    assert.deepEqual(await quotas.ofAll(['volumes']), new Map());
    await quotas.reset(project, ['ram', 'instances']);
    assert.deepEqual(await quotas.of(project), { cores: 6 });
  });

  it('has one secret of a name, however many propose one at once', async () => {
    const { secrets } = the().store;
    assert.equal(await secrets.find('key'), undefined);
    const agreed = await Promise.all(['a', 'b', 'c'].map((proposed) => secrets.agree('key', proposed)));
    assert.equal(new Set(agreed).size, 1);
    assert.equal(await secrets.find('key'), agreed[0]);
    assert.equal(await (await the().reopen()).secrets.agree('key', 'd'), agreed[0]);
    assert.equal(await the().store.secrets.agree('another', 'e'), 'e');
  });
}
