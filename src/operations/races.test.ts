import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { activeServer, createOne, LARGE, OWN_SERIAL_IMAGE } from '../../test/lab/operation-cases.ts';
import { flavorOf, NO_LIMITS, requester, serverRequest } from '../../test/lab/requests.ts';
import { hostFiles } from '../../test/lab/whole-server.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import { Failure } from '../model/failure.ts';
import type { Server } from '../model/server.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { pauseServer, startServer, stopServer, suspendServer } from './kinds/power-server.ts';
import { hardRebootServer, softRebootServer } from './kinds/reboot-server.ts';
import { rebuildServer } from './kinds/rebuild-server.ts';
import { resizeServer } from './kinds/resize-server.ts';

/** A driver that waits at one method until it is let go on. */
function holding(method: 'createDisks' | 'define' | 'start') {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const wrap = (driver: HypervisorDriver): HypervisorDriver => ({
    ...driver,
    async [method](...given: never[]) {
      reached.resolve();
      await goOn.promise;
      return (driver[method] as (...all: never[]) => Promise<void>)(...given);
    },
  });
  return { wrap, reached: reached.promise, goOn: goOn.resolve };
}

describe('two requests for one server', () => {
  const REQUESTS: Readonly<Record<string, (cloud: Cloud, server: Server) => Promise<unknown>>> = {
    stop: ({ operations }, server) => operations.start(stopServer, server, {}, requester()),
    pause: ({ operations }, server) => operations.start(pauseServer, server, {}, requester()),
    suspend: ({ operations }, server) => operations.start(suspendServer, server, {}, requester()),
    'soft reboot': ({ operations }, server) => operations.start(softRebootServer, server, {}, requester()),
    rebuild: ({ operations }, server) =>
      operations.start(rebuildServer, server, { image: OWN_SERIAL_IMAGE }, requester()),
    resize: ({ operations }, server) =>
      operations.start(resizeServer, server, { flavor: LARGE }, requester()),
  };
  it('never both win: one is refused, and says what is going on', async (t) => {
    const cloud = await startCloudFor(t);
    for (const [first, askFirst] of Object.entries(REQUESTS))
      for (const [second, askSecond] of Object.entries(REQUESTS)) {
        const server = await activeServer(cloud);
        const answers = await Promise.allSettled([askFirst(cloud, server), askSecond(cloud, server)]);
        const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason);
        assert.equal(refused.length, 1, `${first} and ${second}`);
        assert.ok(refused[0] instanceof Failure);
        assert.equal(refused[0].kind, 'conflict');
        const sentence = new RegExp(`^Cannot '\\w+' instance ${server.id} while it is in task_state \\w`);
        assert.match(refused[0].message, sentence);
        await cloud.idle();
        assert.equal((await cloud.server(server.id)).taskState, null);
        assert.equal((await cloud.store.actions.list(server.id, { limit: 9 })).length, 2);
      }
  });

  it('a hard reboot asked for twice is done twice, and the server is busy all the while', async (t) => {
    const busy: (string | null)[] = [];
    let cloud: Cloud | undefined;
    const wrap = (driver: HypervisorDriver): HypervisorDriver => ({
      ...driver,
      async define(definition) {
        if (cloud) busy.push((await cloud.server(definition.plan.serverId)).taskState);
        return driver.define(definition);
      },
    });
    cloud = await startCloudFor(t, { wrap });
    const server = await activeServer(cloud);
    busy.length = 0;
    const { operations } = cloud;
    await Promise.all([0, 1].map(() => operations.start(hardRebootServer, server, {}, requester())));
    await cloud.idle();
    assert.deepEqual(busy, ['rebooting_hard', 'reboot_started_hard']);
    assert.equal((await cloud.server(server.id)).vmState, 'active');
    assert.equal((await cloud.store.serials.of(server.id)).length, 3);
  });
});

describe('a delete', () => {
  for (const method of ['createDisks', 'define', 'start'] as const)
    it(`while the server is built, at ${method}: the build is taken back, and nothing is left`, async (t) => {
      const { wrap, reached, goOn } = holding(method);
      const cloud = await startCloudFor(t, { wrap });
      const { id } = await createOne(cloud);
      await reached;
      await cloud.operations.start(deleteServer, await cloud.server(id), {}, requester());
      assert.equal((await cloud.server(id)).taskState, 'deleting');
      goOn();
      await cloud.idle();
      const { vmState, fault } = await cloud.server(id);
      assert.deepEqual({ vmState, fault }, { vmState: 'deleted', fault: null });
      assert.deepEqual(await hostFiles(cloud), []);
      assert.deepEqual(
        await cloud.store.serials.of(id),
        [],
        'no serial is recorded for a guest that never was',
      );
      const actions = await cloud.store.actions.list(id, { limit: 9 });
      assert.deepEqual(
        actions.map(({ action, events }) => `${action}: ${events[0]?.result}`),
        ['delete: Success', 'create: Error'],
      );
    });

  it('asked for several times at once is one; asked for afterwards, the server is not found', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await activeServer(cloud);
    await Promise.all([0, 1, 2].map(() => cloud.operations.start(deleteServer, server, {}, requester())));
    await cloud.operations
      .start(deleteServer, await cloud.server(server.id), {}, requester())
      .catch(isNotFound);
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'deleted');
    await assert.rejects(cloud.operations.start(deleteServer, server, {}, requester()), isNotFound);
    const actions = await cloud.store.actions.list(server.id, { limit: 9 });
    assert.deepEqual(
      actions.map(({ action }) => action),
      ['delete', 'create'],
    );
  });

  it('overtakes whatever is under way', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await activeServer(cloud);
    await cloud.operations.start(rebuildServer, server, { image: OWN_SERIAL_IMAGE }, requester());
    await cloud.operations.start(deleteServer, server, {}, requester());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'deleted');
    assert.deepEqual(await hostFiles(cloud), []);
  });
});

function isNotFound(error: unknown): boolean {
  assert.ok(error instanceof Failure);
  assert.equal(error.kind, 'not-found');
  return true;
}

describe('requests that together ask for too much', () => {
  it('get what the quota leaves, and not one more', async (t) => {
    const cloud = await startCloudFor(t);
    const quota = { ...NO_LIMITS, instances: 3, cores: -1, ramMb: -1 };
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => cloud.operations.createServers(serverRequest({ quota }), requester())),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason);
    assert.equal(refused.length, 7);
    for (const reason of refused) {
      assert.ok(reason instanceof Failure);
      assert.equal(reason.kind, 'over-quota');
      assert.equal(
        reason.message,
        'Quota exceeded for instances: Requested 1, but already used 3 of 3 instances',
      );
    }
    await cloud.idle();
    const [gone] = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    await cloud.operations.start(deleteServer, gone!, {}, requester());
    await cloud.idle();
    await cloud.operations.createServers(serverRequest({ quota }), requester());
    await cloud.idle();
  });

  it('several servers in one request are all made or none', async (t) => {
    const cloud = await startCloudFor(t);
    const names = ['a', 'b', 'c'].map((name) => ({ name, hostname: name }));
    const quota = { ...NO_LIMITS, instances: 2, cores: 2, ramMb: -1 };
    await assert.rejects(cloud.operations.createServers(serverRequest({ names, quota }), requester()), {
      message:
        'Quota exceeded for cores, instances: Requested 3, 3, but already used 0, 0 of 2, 2 cores, instances',
    });
    assert.deepEqual(await cloud.store.servers.list({}, { limit: 10 }), []);
  });

  it('resizes count what they add', async (t) => {
    const cloud = await startCloudFor(t, { limits: { instances: 1, cores: 1, ramMb: -1 } });
    const server = await activeServer(cloud);
    await assert.rejects(cloud.operations.start(resizeServer, server, { flavor: LARGE }, requester()), {
      kind: 'over-quota',
      message: 'Quota exceeded for cores: Requested 1, but already used 1 of 1 cores',
    });
    assert.equal((await cloud.server(server.id)).taskState, null);
  });

  it('never take more of a host than it has', async (t) => {
    const cloud = await startCloudFor(t);
    const flavor = flavorOf({ id: 'huge', vcpus: 400_000 }); // the host has a million
    const made = await Promise.all(
      Array.from({ length: 5 }, () => cloud.operations.createServers(serverRequest({ flavor }), requester())),
    );
    await cloud.idle();
    const servers = await Promise.all(made.flat().map(({ id }) => cloud.server(id)));
    assert.deepEqual(servers.map(({ vmState }) => vmState).sort(), [
      'active',
      'active',
      'error',
      'error',
      'error',
    ]);
    const { fault, host } = servers.find(({ vmState }) => vmState === 'error')!;
    assert.equal(host, null);
    assert.equal(fault?.message, 'No valid host was found. There are not enough hosts available.');
    assert.match(fault.details, /kant: .*400000 vCPUs are asked for; 800000 of 1000000 are taken\./);
  });
});

describe('a locked server', () => {
  it('refuses its users, obeys an administrator, and is unlocked by who may', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await activeServer(cloud);
    const user = () => requester();
    const admin = () => requester({ isAdmin: true });
    const { operations } = cloud;
    await operations.lock(server, 'do not touch', admin());
    const { locked, lockedReason } = await cloud.server(server.id);
    assert.deepEqual({ locked, lockedReason }, { locked: 'admin', lockedReason: 'do not touch' });
    await assert.rejects(operations.start(stopServer, server, {}, user()), { kind: 'conflict' });
    await assert.rejects(operations.start(deleteServer, server, {}, user()), {
      message: `Instance ${server.id} is locked`,
    });
    await assert.rejects(operations.unlock(server, user()), { kind: 'forbidden' });
    await operations.start(stopServer, server, {}, admin());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'stopped');
    await operations.unlock(server, admin());
    await operations.lock(server, null, user());
    assert.equal((await cloud.server(server.id)).locked, 'owner');
    await operations.unlock(server, user());
    await operations.start(startServer, server, {}, user());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'active');
  });
});
