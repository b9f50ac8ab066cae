import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { HostName, OperationId, ProjectId, RequestId, ServerId, UserId } from '../../src/model/ids.ts';
import type { InstanceAction, Operation } from '../../src/model/operation.ts';
import type { SerialRecord } from '../../src/model/serial.ts';
import type { HostQueries } from '../../src/store/store.ts';
import type { TheStore } from './store.ts';

const someServer = () => randomUUID() as ServerId;

function operation(fields: Partial<Operation> = {}): Operation {
  return {
    id: randomUUID() as OperationId,
    kind: 'create-server',
    serverId: someServer(),
    state: 'running',
    step: 0,
    input: { flavor: 'x', list: [1, null] },
    notes: {},
    failure: null,
    cancelled: false,
    requestId: 'req-1' as RequestId,
    projectId: 'p' as ProjectId,
    userId: 'u' as UserId,
    createdAt: 5,
    updatedAt: 5,
    ...fields,
  };
}

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

const host = (name: string): Parameters<HostQueries['report']>[0] => ({
  name: name as HostName,
  hostIp: '192.0.2.1',
  hypervisorId: randomUUID(),
  serviceId: randomUUID(),
  zone: 'nova',
  lastSeenAt: 1,
  startedAt: 1,
  serialOption: 'auto',
  machineId: { state: 'absent', file: '/etc/machine-id' },
  hypervisorType: 'QEMU',
  hypervisorVersion: 9_000_000,
  hypervisorHostname: name,
  arch: 'x86_64',
  cpuInfo: { model: 'x' },
  capacity: { vcpus: 4, memoryMb: 8_000, diskGb: 100 },
  hardwareUuid: null,
  givesSerial: true,
});

/** What is written down of servers and hosts beside themselves. */
export function storeRecordLaws(the: TheStore): void {
  it('keeps an operation, and writes only what moves', async () => {
    const { operations } = the().store;
    const begun = operation();
    await operations.insert(begun);
    await assert.rejects(operations.insert(begun), { kind: 'conflict' });
    assert.deepEqual(await operations.find(begun.id), begun);
    const moved = { state: 'unwinding', step: 3, notes: { host: 'h' }, updatedAt: 9 } as const;
    const failure = { kind: 'conflict', message: 'm', operatorText: 'o' };
    await operations.save({ ...begun, ...moved, failure, kind: 'other', createdAt: 77 });
    assert.deepEqual(await operations.find(begun.id), { ...begun, ...moved, failure });
    await assert.rejects(operations.save(operation()), { kind: 'not-found' });
  });

  it('lists operations that have not ended, oldest first', async () => {
    const { operations } = the().store;
    const [late, early, ended] = [
      operation({ createdAt: 900 }),
      operation({ createdAt: 800 }),
      operation({ createdAt: 700 }),
    ];
    for (const one of [late, early, ended]) await operations.insert(one);
    await operations.save({ ...ended, state: 'done' });
    const ids = (await operations.unfinished()).map(({ id }) => id);
    assert.deepEqual(ids.slice(-2), [early.id, late.id]);
    assert.ok(!ids.includes(ended.id));
  });

  it('cancels what has not ended of one server, and a save does not take that back', async () => {
    const { operations } = the().store;
    const serverId = someServer();
    const [running, ended, elsewhere] = [
      operation({ serverId }),
      operation({ serverId, state: 'undone' }),
      operation(),
    ];
    for (const one of [running, ended, elsewhere]) await operations.insert(one);
    assert.equal(await operations.cancel(serverId), 1);
    await operations.save({ ...running, step: 1 });
    assert.equal((await operations.find(running.id))?.cancelled, true);
    assert.equal((await operations.find(ended.id))?.cancelled, false);
    assert.equal((await operations.find(elsewhere.id))?.cancelled, false);
  });

  it('only adds to the log of an operation', async () => {
    const { operations } = the().store;
    const operationId = randomUUID() as OperationId;
    const line = { operationId, step: 'spawn', event: 'started', detail: null, at: 7 } as const;
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
    const first: SerialRecord = {
      serverId,
      serial: serverId,
      source: 'server',
      because: [{ input: 'flavor', value: 'true' }],
      overruled: [{ input: 'host', value: 'os' }],
      host: 'h' as HostName,
      operationId: randomUUID() as OperationId,
      operation: 'create-server',
      at: 9,
    };
    const second: SerialRecord = { ...first, serial: null, source: 'none', because: [], at: 3 };
    await serials.add(first);
    await serials.add(second);
    assert.deepEqual(await serials.of(serverId), [first, second]);
    assert.deepEqual(await (await the().reopen()).serials.of(serverId), [first, second]);
  });

  it('renews a host, and keeps its number, ids and what administrators said', async () => {
    const { hosts } = the().store;
    const first = await hosts.report(host('h-1'));
    assert.deepEqual(first, {
      ...host('h-1'),
      hypervisorId: first.hypervisorId,
      serviceId: first.serviceId,
      number: first.number,
      status: 'enabled',
      disabledReason: null,
      forcedDown: false,
    });
    const status = { status: 'disabled', disabledReason: 'repair', forcedDown: true } as const;
    assert.deepEqual(await hosts.setStatus(first.name, status), { ...first, ...status });
    const renewed = await hosts.report({ ...host('h-1'), lastSeenAt: 50, givesSerial: false });
    assert.deepEqual(renewed, { ...first, ...status, lastSeenAt: 50, givesSerial: false });
    const second = await hosts.report(host('h-2'));
    assert.equal(second.number, first.number + 1);
    assert.deepEqual(await hosts.list(), [renewed, second]);
    assert.deepEqual(await hosts.find(first.name), renewed);
    await assert.rejects(hosts.setStatus('nowhere' as HostName, status), { kind: 'not-found' });
  });

  it('keeps the limits that were set, and forgets them together', async () => {
    const { quotas } = the().store;
    const project = randomUUID() as ProjectId;
    await quotas.set(project, { cores: 5, ram: -1 });
    await quotas.set(project, { cores: 6 });
    assert.deepEqual(await quotas.of(project), { cores: 6, ram: -1 });
    await quotas.reset(project);
    assert.deepEqual(await quotas.of(project), {});
  });
}
