import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Cloud, type CloudOptions, startCloud } from '../../../test/lab/cloud.ts';
import { createOne } from '../../../test/lab/operation-cases.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import { isToResume } from '../engine/unasked.ts';
import { stopServer } from '../kinds/power-server.ts';

const BY = { requestId: 'req-x', projectId: 'p', userId: 'u', isAdmin: true } as never;

/** Servers of a cloud whose only host loses power, and what the cloud is when it is back. */
async function powerFailure(
  t: TestContext,
  how: { before?: (cloud: Cloud, server: Server) => Promise<unknown>; after: CloudOptions },
) {
  const first = await startCloud({ serialOption: 'os' });
  const server = await createOne(first);
  await first.idle();
  await how.before?.(first, server);
  await first.idle();
  await first.stop();
  await first.driver.destroy(server.id);
  const second = await startCloud({ folder: first.folder, serialOption: 'os', ...how.after });
  t.after(() => second.close());
  return { cloud: second, id: server.id };
}

async function becomes(cloud: Cloud, id: ServerId, wanted: (server: Server) => boolean): Promise<Server> {
  for (;;) {
    const server = await cloud.server(id);
    if (wanted(server)) return server;
    await turn();
  }
}

/** Resolves when a start has ended, however. */
async function resumed(cloud: Cloud, id: ServerId): Promise<void> {
  for (;;) {
    const [last] = await cloud.store.actions.list(id, { limit: 1 });
    if (last?.action === 'start' && last.events[0]?.finishedAt !== null) break;
    await turn();
  }
  await cloud.idle();
}

const actionsOf = async (cloud: Cloud, id: ServerId) =>
  (await cloud.store.actions.list(id, { limit: 10 })).map(({ action }) => action);

describe('a host that lost power, with resume_guests_state_on_host_boot', { timeout: 20_000 }, () => {
  it('starts what ran there: an operation with an action, which decides the serial anew', async (t) => {
    const { cloud, id } = await powerFailure(t, { after: { resumesGuests: true, serialOption: 'unique' } });
    await resumed(cloud, id);
    const server = await cloud.server(id);
    assert.deepEqual([server.vmState, server.powerState, server.taskState], ['active', 'running', null]);
    assert.equal((await cloud.driver.observe(id)).power, 'running');
    assert.deepEqual(await actionsOf(cloud, id), ['start', 'create']);
    const serials = await cloud.store.serials.of(id);
    const ofOperation = (name: string) => serials.find(({ operation }) => operation === name)?.source;
    assert.deepEqual([ofOperation('create-server'), ofOperation('start-server')], ['os', 'server']);
  });

  it('leaves what was stopped as it was', async (t) => {
    const stop = (cloud: Cloud, server: Server) => cloud.operations.start(stopServer, server, {}, BY);
    const { cloud, id } = await powerFailure(t, { before: stop, after: { resumesGuests: true } });
    await cloud.tellOfGuests();
    await cloud.idle();
    const { vmState } = await cloud.server(id);
    assert.equal(vmState, 'stopped');
    assert.deepEqual(await actionsOf(cloud, id), ['stop', 'create']);
  });

  it('does not start a guest that ends later, while the agent runs', async (t) => {
    const { cloud, id } = await powerFailure(t, { after: { resumesGuests: true } });
    await resumed(cloud, id);
    await cloud.driver.destroy(id);
    await becomes(cloud, id, ({ vmState }) => vmState === 'stopped');
    await cloud.tellOfGuests();
    await cloud.idle();
    assert.equal((await cloud.server(id)).vmState, 'stopped');
    assert.deepEqual(await actionsOf(cloud, id), ['start', 'create']);
  });

  it('a start that fails leaves the server stopped, and its action says why', async (t) => {
    const { cloud, id } = await powerFailure(t, {
      after: {
        resumesGuests: true,
        wrap: (driver) => ({
          ...driver,
          start: async () => Promise.reject(new Error('no power')),
        }),
      },
    });
    await resumed(cloud, id);
    const { vmState, powerState } = await cloud.server(id);
    assert.deepEqual([vmState, powerState], ['stopped', 'shutdown']);
    const [action] = await cloud.store.actions.list(id, { limit: 1 });
    assert.deepEqual([action?.action, action?.events[0]?.result], ['start', 'Error']);
  });

  it('without it, everything that ran there is stopped', async (t) => {
    const { cloud, id } = await powerFailure(t, { after: {} });
    await becomes(cloud, id, ({ vmState }) => vmState === 'stopped');
    await cloud.idle();
    assert.deepEqual(await actionsOf(cloud, id), ['create']);
  });
});

describe('which guests are resumed', () => {
  const server = (vmState: string, powerState: string, taskState: string | null = null) =>
    ({ vmState, powerState, taskState }) as Server;
  const id = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
  for (const power of ['shutdown', 'crashed', 'absent'] as const)
    it(`an active server's that is ${power}, and no other`, () => {
      const guest = { serverId: id, power };
      assert.equal(isToResume(server('active', 'running'), guest), true);
      for (const other of [
        ...[server('active', 'paused'), server('paused', 'paused'), server('stopped', 'shutdown')],
        ...[server('suspended', 'shutdown'), server('error', 'running'), server('deleted', 'running')],
        ...[server('resized', 'running'), server('active', 'running', 'rebooting')],
      ])
        assert.equal(isToResume(other, guest), false);
    });
  for (const power of ['running', 'paused', 'suspended', 'nostate'] as const)
    it(`none that is ${power}`, () => {
      assert.equal(isToResume(server('active', 'running'), { serverId: id, power }), false);
    });
});
