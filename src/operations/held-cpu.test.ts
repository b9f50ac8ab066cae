import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST, MACHINE_ID } from '../../test/lab/cloud-host.ts';
import { liveMigrate, migrate, OTHER_HOST, OTHER_MACHINE_ID } from '../../test/lab/move-cases.ts';
import { createOne } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import { simulatedHost } from '../hypervisor/simulated/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { hardRebootServer } from './kinds/reboot-server.ts';

/** Two hosts, the first of which gives new guests the model A, and the other one the first of these. */
async function cloudWith(t: TestContext, holdsCpu: boolean, others: readonly string[]): Promise<Cloud> {
  const about = (cpuModels: readonly string[]) => {
    const { guestCpu } = simulatedHost('', { holdsCpu, cpuModels });
    return { description: guestCpu === undefined ? {} : { guestCpu } };
  };
  return startCloudFor(t, {
    hosts: [
      { name: HOST, machineId: MACHINE_ID, ...about(['A', 'B']) },
      { name: OTHER_HOST, machineId: OTHER_MACHINE_ID, ...about(others) },
    ],
  });
}

async function newServer(cloud: Cloud): Promise<Server> {
  const { id } = await createOne(cloud);
  await cloud.idle();
  return cloud.server(id);
}

async function started(cloud: Cloud, id: ServerId, host: HostName): Promise<string | null | undefined> {
  return (await guestFile(cloud, id, host))?.live?.cpu?.model;
}

describe('the CPU of a server', () => {
  it('is recorded at its first start, and held by each definition where hosts hold it', async (t) => {
    const cloud = await cloudWith(t, true, ['B', 'A']);
    const server = await newServer(cloud);
    const { cpu } = server.machine!;
    assert.deepEqual([cpu?.configured, cpu?.held, cpu?.started?.model], ['custom (A)', true, 'A']);
    await migrate(cloud, server);
    await cloud.idle();
    const moved = await cloud.server(server.id);
    assert.equal(moved.host, OTHER_HOST);
    assert.equal(await started(cloud, server.id, OTHER_HOST), 'A');
    assert.deepEqual(moved.machine?.cpu, cpu);
  });

  it('that is held keeps a server from hosts that cannot give it, and says why', async (t) => {
    const cloud = await cloudWith(t, true, ['B']);
    const server = await newServer(cloud);
    for (const move of [migrate, liveMigrate]) {
      await Promise.resolve(move(cloud, server)).catch(() => undefined);
      await cloud.idle();
    }
    const after = await cloud.server(server.id);
    assert.deepEqual([after.host, after.vmState], [HOST, 'active']);
    const actions = await cloud.store.actions.list(server.id, { limit: 2 });
    for (const { events } of actions) {
      const [event] = events;
      assert.match(event?.details ?? '', /can give the server the CPU that it keeps/);
      assert.match(
        event?.traceback ?? '',
        /CpuFilter refused .*: The server keeps its CPU A .*; the host lacks A\./s,
      );
    }
  });

  it('follows the configuration of its host where it is not held', async (t) => {
    const cloud = await cloudWith(t, false, ['B']);
    const server = await newServer(cloud);
    await liveMigrate(cloud, server);
    await cloud.idle();
    const live = await cloud.server(server.id);
    assert.equal(live.host, OTHER_HOST);
    assert.equal(await started(cloud, server.id, OTHER_HOST), 'A', 'a live migration changes no CPU');
    assert.equal(live.machine?.cpu?.started?.model, 'A');
    await cloud.operations.start(hardRebootServer, live, {}, requester());
    await cloud.idle();
    const { cpu } = (await cloud.server(server.id)).machine!;
    assert.deepEqual([cpu?.configured, cpu?.held, cpu?.started?.model], ['custom (B)', false, 'B']);
    assert.ok(!cloud.logged.some((line) => line.includes('guest-deviates')));
  });
});
