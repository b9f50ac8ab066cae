import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Cloud, type CloudOptions, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST, MACHINE_ID } from '../../test/lab/cloud-host.ts';
import {
  AWAY,
  evacuate,
  liveMigrate,
  migrate,
  OTHER_HOST,
  OTHER_MACHINE_ID,
  resizeAway,
  TWO_HOSTS,
} from '../../test/lab/move-cases.ts';
import { activeServer } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { guestFile, heldOf } from '../../test/lab/whole-server.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import type { Failure } from '../model/failure.ts';
import { planOf } from '../model/guest.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';
import { hardRebootServer } from './kinds/reboot-server.ts';
import { confirmResize, revertResize } from './kinds/resize-server.ts';
import { recordAction } from './requests/record-action.ts';

const cloudFor = (t: TestContext, options: CloudOptions = {}) =>
  startCloudFor(t, { ...TWO_HOSTS, ...options });

/** Waits at one call of one host until it is let go on. */
function holding(host: HostName, method: 'define' | 'start' | 'migrateLive') {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const armed = { yes: false };
  const held =
    (call: (...given: never[]) => Promise<unknown>) =>
    async (...given: never[]) => {
      if (armed.yes) {
        reached.resolve();
        await goOn.promise;
      }
      return call(...given);
    };
  const wrap = (driver: HypervisorDriver, name: HostName): HypervisorDriver => {
    if (name !== host) return driver;
    if (method === 'migrateLive')
      return { ...driver, moves: { ...driver.moves, migrateLive: held(driver.moves.migrateLive) as never } };
    return { ...driver, [method]: held(driver[method] as never) };
  };
  const arm = () => {
    armed.yes = true;
  };
  return { wrap, arm, reached: reached.promise, goOn: goOn.resolve };
}

/** Resolves when the live migration of a guest waits for its end. */
async function underWay(cloud: Cloud, id: ServerId): Promise<number> {
  const { moves } = cloud.hosts.get(HOST)!.driver;
  while ((await moves.liveProgress(id)) === null) await new Promise(setImmediate);
  const [row] = await cloud.store.migrations.list({ serverId: id }, { limit: 1 });
  return row!.number;
}

async function statusOf(cloud: Cloud, number: number): Promise<string | undefined> {
  return (await cloud.store.migrations.find(number))?.status;
}

const resting = ({ vmState, taskState, host, destHost, fault }: Server) => ({
  vmState,
  taskState,
  host,
  destHost,
  fault,
});
const ACTIVE = { vmState: 'active', taskState: null, destHost: null, fault: null } as const;

describe('a live migration that does not end by itself', () => {
  it('is aborted: the guest runs on where it was', async (t) => {
    const cloud = await cloudFor(t);
    cloud.network.stalls = true;
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    const number = await underWay(cloud, server.id);
    await cloud.operations.abortLiveMigration(server, number, requester());
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: HOST });
    assert.equal(await statusOf(cloud, number), 'cancelled');
    assert.equal((await guestFile(cloud, server.id))?.live?.serial, MACHINE_ID);
    assert.equal((await heldOf(cloud, server.id)).length, 1, 'nothing is left at the destination');
    assert.equal((await cloud.store.servers.usageOfHost(OTHER_HOST)).ramMb, 0);
    await assert.rejects(cloud.operations.abortLiveMigration(server, number, requester()), {
      kind: 'conflict',
    });
  });

  it('is made to end: the guest is at the destination, with its serial, and the change that waits is recorded', async (t) => {
    const cloud = await cloudFor(t);
    cloud.network.stalls = true;
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    const number = await underWay(cloud, server.id);
    await cloud.store.migrations.update(number, { status: 'running', updatedAt: Date.now() });
    await cloud.operations.forceCompleteLiveMigration(server, number, requester());
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: OTHER_HOST });
    assert.equal(await statusOf(cloud, number), 'completed');
    assert.equal((await guestFile(cloud, server.id, OTHER_HOST))?.live?.serial, MACHINE_ID);

    await cloud.operations.start(hardRebootServer, await cloud.server(server.id), {}, requester());
    await cloud.idle();
    assert.equal((await guestFile(cloud, server.id, OTHER_HOST))?.live?.serial, OTHER_MACHINE_ID);
    assert.deepEqual(
      (await cloud.store.serials.of(server.id)).map(({ effect, serial }) => [effect, serial]),
      [
        ['booted', MACHINE_ID],
        ['pending', OTHER_MACHINE_ID],
        ['booted', OTHER_MACHINE_ID],
      ],
    );
  });
});

describe('an abort of a live migration', () => {
  /** What the abort and the migration ended with, newest first. */
  const ends = async (cloud: Cloud, id: ServerId) =>
    (await cloud.store.actions.list(id, { limit: 2 })).map(({ action, events }) => [
      action,
      ...events.map(({ event, result }) => `${event}: ${result}`),
    ]);

  it('that comes in time says so', async (t) => {
    const cloud = await cloudFor(t);
    cloud.network.stalls = true;
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    await cloud.operations.abortLiveMigration(server, await underWay(cloud, server.id), requester());
    await cloud.idle();
    assert.deepEqual(await ends(cloud, server.id), [
      ['live_migration_cancel', 'compute_live_migration_abort: Success'],
      ['live-migration', 'compute_live_migration: Error'],
    ]);
  });

  it('a second time joins the first, which ends', async (t) => {
    const cloud = await cloudFor(t);
    cloud.network.stalls = true;
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    const number = await underWay(cloud, server.id);
    const aborts = [1, 2].map(() => cloud.operations.abortLiveMigration(server, number, requester()));
    await Promise.all(aborts);
    await cloud.idle();
    const actions = await cloud.store.actions.list(server.id, { limit: 3 });
    const events = actions.flatMap((action) => action.events.map(({ event, result }) => [event, result]));
    assert.deepEqual(events, [
      ['compute_live_migration_abort', 'Success'],
      ['compute_live_migration', 'Error'],
    ]);
  });

  it('that comes in time says so, however many other actions there were until the migration was unwound', async (t) => {
    const cloud = await cloudFor(t);
    cloud.network.stalls = true;
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    await underWay(cloud, server.id);
    const { moves } = cloud.hosts.get(HOST)!.driver;
    const by = requester();
    // Another replica wrote the abort: this one learns of it when the migration fails.
    await cloud.store.operations.cancel(server.id, by.requestId);
    const abort = { action: 'live_migration_cancel', event: 'compute_live_migration_abort' };
    await recordAction(cloud.store, server.id, { ...abort, by, at: Date.now() });
    for (let times = 0; times < 25; times++) await cloud.operations.lock(server, null, requester());
    await moves.abortLive(server.id);
    await cloud.idle();
    const action = await cloud.store.actions.find(server.id, by.requestId);
    assert.equal(action?.events[0]?.result, 'Success');
  });

  it('that comes when the guest has just gone: the migration is completed, the server follows it, and the abort failed', async (t) => {
    const gone = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const cloud = await cloudFor(t, {
      wrap: (driver, name) => {
        const migrateLive: typeof driver.moves.migrateLive = async (...given) => {
          await driver.moves.migrateLive(...given);
          gone.resolve();
          await goOn.promise; // its answer is on its way
        };
        return name === HOST ? { ...driver, moves: { ...driver.moves, migrateLive } } : driver;
      },
    });
    const server = await activeServer(cloud);
    await liveMigrate(cloud, server);
    await gone.promise;
    const [row] = await cloud.store.migrations.list({ serverId: server.id }, { limit: 1 });
    await cloud.operations.abortLiveMigration(server, row!.number, requester());
    goOn.resolve();
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: OTHER_HOST });
    assert.equal(await statusOf(cloud, row!.number), 'completed');
    assert.deepEqual(await ends(cloud, server.id), [
      ['live_migration_cancel', 'compute_live_migration_abort: Error'],
      ['live-migration', 'compute_live_migration: Success'],
    ]);
    assert.equal((await heldOf(cloud, server.id)).length, 1, 'nothing is left at the source');
    const effects = (await cloud.store.serials.of(server.id)).map(({ effect, serial }) => [effect, serial]);
    assert.deepEqual(effects, [
      ['booted', MACHINE_ID],
      ['pending', OTHER_MACHINE_ID],
    ]);
  });

  it('that comes when the guest has gone and this is known is refused', async (t) => {
    const late: { abort: () => Promise<unknown> } = { abort: async () => undefined };
    const asked = Promise.withResolvers<unknown>();
    const cloud = await cloudFor(t, {
      wrap: (driver, name) => ({
        ...driver,
        async undefine(id) {
          if (name === HOST) await late.abort().then(asked.resolve, asked.resolve);
          await driver.undefine(id);
        },
      }),
    });
    const server = await activeServer(cloud);
    late.abort = async () => {
      const [row] = await cloud.store.migrations.list({ serverId: server.id }, { limit: 1 });
      return cloud.operations.abortLiveMigration(server, row!.number, requester());
    };
    await liveMigrate(cloud, server);
    assert.equal(((await asked.promise) as Failure).kind, 'conflict');
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: OTHER_HOST });
    assert.deepEqual((await ends(cloud, server.id))[0], [
      'live-migration',
      'compute_live_migration: Success',
    ]);
  });
});

describe('a server that is deleted while its resize waits', () => {
  for (const { name, ask } of [
    { name: 'resize', ask: resizeAway },
    { name: 'cold migration', ask: migrate },
  ])
    it(`confirms the ${name}`, async (t) => {
      const cloud = await cloudFor(t);
      const server = await activeServer(cloud);
      await ask(cloud, server);
      await cloud.idle();
      const [row] = await cloud.store.migrations.list({ serverId: server.id }, { limit: 1 });
      assert.equal(row?.status, 'finished');
      await cloud.operations.start(deleteServer, await cloud.server(server.id), {}, requester());
      await cloud.idle();
      assert.equal(await statusOf(cloud, row!.number), 'confirmed');
      assert.deepEqual(await heldOf(cloud, server.id), []);
    });
});

describe('a server that is deleted in the middle of a move', () => {
  const MOVES = [
    { name: 'while its guest is defined on the other host', ask: resizeAway, host: OTHER_HOST, at: 'define' },
    { name: 'while it boots on the other host', ask: resizeAway, host: OTHER_HOST, at: 'start' },
    { name: 'while it is migrated live', ask: liveMigrate, host: HOST, at: 'migrateLive' },
    { name: 'while it is evacuated', ask: evacuate, host: OTHER_HOST, at: 'start' },
  ] as const;
  for (const { name, ask, host, at } of MOVES)
    it(`${name}: nothing of it is left on either host`, async (t) => {
      const held = holding(host, at);
      const cloud = await cloudFor(t, { wrap: held.wrap });
      const server = await activeServer(cloud);
      held.arm();
      await ask(cloud, server);
      await held.reached;
      await cloud.operations.start(deleteServer, server, {}, requester());
      held.goOn();
      await cloud.idle();
      assert.equal((await cloud.server(server.id)).vmState, 'deleted');
      assert.deepEqual(await heldOf(cloud, server.id), []);
      for (const each of cloud.hosts.keys())
        assert.equal((await cloud.store.servers.usageOfHost(each)).instances, 0, `${each} is free`);
    });
});

describe('a destination that falls silent for good', () => {
  it('in mid resize: the guest is back at the source, and what is left there is cleared when it comes back', async (t) => {
    const silence = Promise.withResolvers<void>();
    const impatient = OPERATION_KINDS.map((kind) => ({
      ...kind,
      steps: kind.steps.map((step) => ({ ...step, tries: 1 })),
    }));
    const cloud = await cloudFor(t, {
      kinds: impatient,
      wrap: (driver, name) =>
        name === HOST
          ? {
              ...driver,
              async destroy(id) {
                silence.resolve();
                await silent;
                await driver.destroy(id);
              },
            }
          : driver,
    });
    const server = await activeServer(cloud);
    const silent = silence.promise.then(() => cloud.hosts.get(OTHER_HOST)!.silence());
    await resizeAway(cloud, server);
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: HOST });
    assert.equal((await guestFile(cloud, server.id))?.power, 'running');
    assert.notEqual((await guestFile(cloud, server.id, OTHER_HOST))?.definition ?? null, null);
    await cloud.hosts.get(OTHER_HOST)!.speak();
    await cloud.tellOfGuests();
    assert.equal((await heldOf(cloud, server.id)).length, 1, 'only its own host holds it');
  });
});

describe('a source that comes back after its server was evacuated', () => {
  it('has its stale guest ended, and its disks taken away', async (t) => {
    const cloud = await cloudFor(t);
    const server = await activeServer(cloud);
    await cloud.hosts.get(HOST)!.silence();
    await evacuate(cloud, server);
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: OTHER_HOST });
    assert.equal((await guestFile(cloud, server.id))?.power, 'running', 'a partition: it runs on');
    await cloud.hosts.get(HOST)!.speak();
    await cloud.tellOfGuests();
    const [only, ...others] = await heldOf(cloud, server.id);
    assert.equal(only?.live?.serial, OTHER_MACHINE_ID);
    assert.deepEqual(others, []);
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: OTHER_HOST });
  });

  it('was not the only host with disks of it: what was left elsewhere from an earlier stay is not booted', async (t) => {
    const cloud = await cloudFor(t);
    const server = await activeServer(cloud);
    const { driver } = cloud.hosts.get(OTHER_HOST)!;
    await driver.createDisks(
      { plan: planOf(server), from: 'image', images: null },
      new AbortController().signal,
    );
    await cloud.hosts.get(HOST)!.silence();
    await evacuate(cloud, server);
    await cloud.idle();
    const evacuated = await cloud.server(server.id);
    assert.deepEqual(resting(evacuated), { ...ACTIVE, host: OTHER_HOST });
    assert.notEqual(evacuated.diskSet, server.diskSet);
  });

  it('is left alone where the hypervisor has guests that are none of ours', async (t) => {
    const cloud = await cloudFor(t);
    const server = await activeServer(cloud);
    const { driver } = cloud.hosts.get(OTHER_HOST)!;
    const stranger = { serverId: 'a0000000-0000-4000-8000-000000000001' as ServerId, diskSet: 'first' };
    const plan = { ...server, ...stranger } as never;
    await driver.createDisks({ plan, from: 'image' }, new AbortController().signal);
    await driver.define({ plan, serial: null, operation: 'x' as never });
    await driver.start(stranger.serverId);
    await cloud.tellOfGuests();
    assert.equal((await driver.observe(stranger.serverId)).power, 'running');
  });
});

describe('a server on a host that is down', () => {
  it('can be deleted, and its guest ends when the host comes back', async (t) => {
    const cloud = await cloudFor(t);
    const server = await activeServer(cloud);
    const status = { status: 'enabled', disabledReason: null } as const;
    await cloud.hosts.get(HOST)!.silence();
    await cloud.store.hosts.setStatus(HOST, { ...status, forcedDown: true });
    await cloud.operations.start(deleteServer, server, {}, requester());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'deleted');
    assert.equal((await heldOf(cloud, server.id)).length, 1);
    await cloud.hosts.get(HOST)!.speak();
    await cloud.tellOfGuests();
    assert.deepEqual(await heldOf(cloud, server.id), []);
  });
});

describe('room on hosts', () => {
  it('is kept at both ends while a move is under way, and given back', async (t) => {
    const held = holding(OTHER_HOST, 'start');
    const cloud = await cloudFor(t, { wrap: held.wrap });
    const server = await activeServer(cloud);
    const used = async () => {
      const both = [HOST, OTHER_HOST].map((host) => cloud.store.servers.usageOfHost(host));
      return (await Promise.all(both)).map(({ ramMb, instances }) => ({ ramMb, instances }));
    };
    const small = { ramMb: server.flavor.ramMb, instances: 1 };
    const large = { ramMb: AWAY.ramMb, instances: 1 };
    const none = { ramMb: 0, instances: 0 };
    assert.deepEqual(await used(), [small, none]);
    held.arm();
    await resizeAway(cloud, server);
    await held.reached;
    assert.deepEqual(await used(), [small, large], 'while it is under way');
    held.goOn();
    await cloud.idle();
    assert.deepEqual(await used(), [small, large], 'until it is confirmed');
    await cloud.operations.start(revertResize, await cloud.server(server.id), {}, requester());
    await cloud.idle();
    assert.deepEqual(await used(), [small, none], 'after it was reverted');
    await resizeAway(cloud, await cloud.server(server.id));
    await cloud.idle();
    await cloud.operations.start(confirmResize, await cloud.server(server.id), {}, requester());
    await cloud.idle();
    assert.deepEqual(await used(), [none, large], 'after it was confirmed');
  });

  it('that is not there: the server is as it was, and each refusing host says why', async (t) => {
    const cloud = await cloudFor(t, {
      hosts: TWO_HOSTS.hosts.map((each) => ({ ...each, capacity: { memoryMb: 100 } })),
    });
    const server = await activeServer(cloud);
    await resizeAway(cloud, server);
    await cloud.idle();
    assert.deepEqual(resting(await cloud.server(server.id)), { ...ACTIVE, host: HOST });
    const [action] = await cloud.store.actions.list(server.id, { limit: 1 });
    assert.match(action?.events[0]?.details ?? '', /No valid host/);
    assert.match(action?.events[0]?.traceback ?? '', /RAM|memory/i);
    const [row] = await cloud.store.migrations.list({ serverId: server.id }, { limit: 1 });
    assert.equal(row?.status, 'error');
  });
});
