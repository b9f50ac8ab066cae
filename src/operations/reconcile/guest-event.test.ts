import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Cloud, startCloudFor } from '../../../test/lab/cloud.ts';
import { HOST } from '../../../test/lab/cloud-host.ts';
import { createOne } from '../../../test/lab/operation-cases.ts';
import { requester } from '../../../test/lab/requests.ts';
import type { HypervisorDriver } from '../../hypervisor/driver.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { PowerState, Server, VmState } from '../../model/server.ts';
import { ledgerHeadOf } from '../../serial/ledger-entry.ts';
import { pauseServer, stopServer, suspendServer } from '../kinds/power-server.ts';

type Power = GuestObservation['power'];
const POWERS = ['running', 'paused', 'shutdown', 'crashed', 'suspended', 'nostate', 'absent'] as const;

/**
 * nova/compute/manager.py _sync_instance_power_state, pair by pair: the server's VM state afterwards; `stop`:
 * its stop operation runs. The power state is always that of the guest. Nova ignores that the
 * guest of an active server is absent, because its hypervisor may be restarting; no driver here says absent
 * then.
 */
const TABLE: readonly (readonly [VmState, PowerState, Readonly<Record<Power, VmState | 'stop'>>])[] = [
  [
    'active',
    'running',
    {
      ...{ running: 'active', paused: 'active', suspended: 'stop', nostate: 'active' },
      ...{ shutdown: 'stopped', crashed: 'stopped', absent: 'stopped' },
    },
  ],
  [
    'stopped',
    'shutdown',
    {
      ...{ running: 'stop', paused: 'stop', suspended: 'stop', nostate: 'stopped' },
      ...{ shutdown: 'stopped', crashed: 'stopped', absent: 'stopped' },
    },
  ],
  [
    'paused',
    'paused',
    {
      ...{ running: 'paused', paused: 'paused', suspended: 'paused', nostate: 'paused' },
      ...{ shutdown: 'stopped', crashed: 'stopped', absent: 'stopped' },
    },
  ],
  ...(['suspended', 'rescued', 'resized', 'error', 'soft-delete'] as const).map((vm) => {
    const power: PowerState = vm === 'suspended' || vm === 'soft-delete' ? 'shutdown' : 'running';
    return [
      vm,
      power,
      Object.fromEntries(POWERS.map((each) => [each, vm])) as Record<Power, VmState>,
    ] as const;
  }),
];

/** A server of a cloud whose host shows its guest in any power. */
async function watched(t: Parameters<typeof startCloudFor>[0]) {
  let shown: Power | undefined;
  const wrap = (driver: HypervisorDriver): HypervisorDriver => ({
    ...driver,
    observe: async (server) =>
      shown === undefined ? driver.observe(server) : { serverId: server, power: shown },
  });
  const cloud = await startCloudFor(t, { wrap });
  const { id } = await createOne(cloud);
  await cloud.idle();
  return {
    cloud,
    id,
    async show(power: Power, server: Pick<Server, 'vmState' | 'powerState'>) {
      await cloud.store.servers.update(await cloud.server(id), { ...server, taskState: null });
      shown = power;
      const guest = { serverId: id, power };
      await cloud.engineParts.bus.publish({ type: 'guest', host: HOST, guest });
      await cloud.idle();
      shown = undefined;
    },
  };
}

const actionsOf = async ({ store }: Cloud, { id }: Pick<Server, 'id'>) =>
  (await store.actions.list(id, { limit: 10 })).map(({ action }) => action);

async function newServer(cloud: Cloud): Promise<Server> {
  const { id } = await createOne(cloud);
  await cloud.idle();
  return cloud.server(id);
}

async function until(cloud: Cloud, { id }: Server, wanted: (server: Server) => boolean): Promise<Server> {
  for (;;) {
    const server = await cloud.server(id);
    if (wanted(server)) return server;
    await turn();
  }
}

describe('a guest whose power something else has changed', { timeout: 30_000 }, () => {
  for (const [vmState, powerState, becomes] of TABLE)
    it(`of a server that is ${vmState}, in each power that a guest can have`, async (t) => {
      const { cloud, id, show } = await watched(t);
      for (const power of POWERS) {
        const before = (await actionsOf(cloud, { id })).length;
        await show(power, { vmState, powerState });
        const after = await cloud.server(id);
        const [wanted, wantedPower] =
          becomes[power] === 'stop'
            ? ['stopped', 'shutdown']
            : [becomes[power], power === 'absent' ? 'nostate' : power];
        assert.deepEqual(
          [after.vmState, after.powerState, after.taskState],
          [wanted, wantedPower, null],
          power,
        );
        const begun = (await actionsOf(cloud, { id })).slice(0, -before);
        assert.deepEqual(begun, becomes[power] === 'stop' ? ['stop'] : [], power);
      }
    });

  it('is ended when its server is stopped: what it read stays in the ledger', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await newServer(cloud);
    await cloud.operations.start(stopServer, server, {}, requester());
    await cloud.idle();
    await cloud.driver.start(server.id);
    await until(cloud, server, ({ taskState }) => taskState === 'powering-off');
    await cloud.idle();
    const { vmState, powerState } = await cloud.server(server.id);
    assert.deepEqual([vmState, powerState], ['stopped', 'shutdown']);
    assert.equal((await cloud.driver.observe(server.id)).power, 'shutdown');
    assert.deepEqual(await actionsOf(cloud, server), ['stop', 'stop', 'create']);
    assert.equal(cloud.logged.filter((line) => line.includes('guest-not-stopped')).length, 1);
    const { current } = ledgerHeadOf(await cloud.store.serials.of(server.id));
    assert.equal(current?.operation, 'create-server');
  });

  it('runs on while a restored database, which may be older than it, is not confirmed', async (t) => {
    const { cloud, id, show } = await watched(t);
    await cloud.store.restored.set('2026-01-31T18:00:00Z');
    await show('running', { vmState: 'stopped', powerState: 'shutdown' });
    const { vmState, powerState } = await cloud.server(id);
    assert.deepEqual([vmState, powerState], ['stopped', 'running']);
    assert.equal(cloud.logged.filter((line) => line.includes('guest-stop-withheld')).length, 1);
    await cloud.store.restored.confirm();
    await cloud.tellOfGuests();
    await cloud.idle();
    assert.equal((await cloud.server(id)).powerState, 'shutdown');
  });

  it('is left to its server while that is paused or suspended', async (t) => {
    const cloud = await startCloudFor(t);
    for (const [kind, vmState] of [
      [pauseServer, 'paused'],
      [suspendServer, 'suspended'],
    ] as const) {
      const server = await newServer(cloud);
      await cloud.operations.start(kind, server, {}, requester());
      await cloud.idle();
      await (vmState === 'paused' ? cloud.driver.unpause(server.id) : cloud.driver.resume(server.id));
      const after = await until(cloud, server, ({ powerState }) => powerState === 'running');
      assert.equal(after.vmState, vmState);
    }
  });
});
