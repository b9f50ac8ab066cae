import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST } from '../../test/lab/cloud-host.ts';
import { MOVE_CASES } from '../../test/lab/move-cases.ts';
import { begin, createOne, OPERATION_CASES, serverFor } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { planOf } from '../model/guest.ts';
import type { OperationId } from '../model/ids.ts';
import type { MachineIdentity } from '../model/machine-identity.ts';
import type { Server } from '../model/server.ts';
import { ledgerHeadOf } from '../serial/ledger-entry.ts';
import { guestPortsOf } from './engine/guest-ports.ts';
import { hardRebootServer, softRebootServer } from './kinds/reboot-server.ts';

/** Changes a guest's persistent definition, as `virsh edit` does. */
async function edit(
  { hosts, store }: Cloud,
  server: Server,
  { serial, ...machine }: Partial<MachineIdentity> & { serial: string | null },
): Promise<void> {
  const { driver, networks } = hosts.get(server.host!)!;
  const operation = randomUUID() as OperationId;
  const ports = await guestPortsOf(store, server);
  const plan = { ...planOf(server), ports, machine: { ...server.machine!, ...machine } };
  const attachments = await Promise.all(ports.map((port) => networks.plug(server.id, port)));
  await driver.define({ plan, serial, operation, attachments });
  await driver.forgetDefinition(server.id, operation);
}

const EDITED = { serial: 'edited', diskSerials: { root: 'edited-root' } };
const DEVIATES = { 'disk.root.serial': 'edited-root' };

async function newServer(cloud: Cloud): Promise<Server> {
  const { id } = await createOne(cloud);
  await cloud.idle();
  return cloud.server(id);
}

async function standing({ store }: Cloud, { id }: Server) {
  const { current } = ledgerHeadOf(await store.serials.of(id));
  const { reads } = (await store.servers.find(id))!;
  return { serial: current?.serial, source: current?.source, values: reads?.values ?? null };
}

const said = ({ logged }: Cloud, event: string) => logged.filter((line) => line.includes(event)).length;

/** Waits until the ledger names the serial. */
async function until(cloud: Cloud, server: Server, serial: string | null): Promise<void> {
  while ((await standing(cloud, server)).serial !== serial) await turn();
}

describe('what a guest was started with', () => {
  it('is recorded after a soft reboot that boots an edited definition, and a hard reboot puts it right', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await newServer(cloud);
    const before = await standing(cloud, server);
    assert.equal(before.values, null);
    await edit(cloud, server, EDITED);
    assert.deepEqual(await standing(cloud, server), before, 'the guest that runs is as it was');

    await cloud.operations.start(softRebootServer, server, {}, requester());
    await cloud.idle();
    assert.deepEqual(await standing(cloud, server), {
      serial: 'edited',
      source: 'outside',
      values: DEVIATES,
    });
    assert.equal(said(cloud, 'guest-deviates'), 1);
    assert.deepEqual((await cloud.server(server.id)).machine, server.machine, 'what was decided stays');

    await cloud.tellOfGuests();
    assert.equal(said(cloud, 'guest-deviates'), 1, 'it is said once');

    await cloud.operations.start(hardRebootServer, await cloud.server(server.id), {}, requester());
    await cloud.idle();
    assert.deepEqual(await standing(cloud, server), before);
  });

  it('is recorded when something else starts the guest, and again when it is as decided', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await newServer(cloud);
    const before = await standing(cloud, server);
    await edit(cloud, server, EDITED);
    await cloud.driver.softReboot(server.id, 1_000);
    await until(cloud, server, 'edited');
    assert.deepEqual((await standing(cloud, server)).values, DEVIATES);

    await edit(cloud, server, { serial: before.serial ?? null });
    await cloud.driver.softReboot(server.id, 1_000);
    await until(cloud, server, before.serial ?? null);
    assert.deepEqual(await standing(cloud, server), before);
    assert.equal(said(cloud, 'guest-reads-record'), 1);
  });

  it('is recorded when it changed while the agent was away', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await newServer(cloud);
    const host = cloud.hosts.get(HOST)!;
    await host.silence();
    await edit(cloud, server, { serial: null, machineType: 'pc-edited-1.0' });
    await host.driver.softReboot(server.id, 1_000);
    await host.speak('auto');
    await until(cloud, server, null);
    assert.deepEqual((await standing(cloud, server)).values, { machine_type: 'pc-edited-1.0' });
  });

  for (const of of [...OPERATION_CASES, ...MOVE_CASES])
    it(`is what was decided, without a word, after: ${of.name}`, async (t) => {
      const cloud = await startCloudFor(t, of.cloud ?? {});
      const server = await serverFor(cloud, of);
      await begin(cloud, of, server);
      await cloud.idle();
      await cloud.tellOfGuests();
      assert.equal(said(cloud, 'guest-deviates'), 0);
      assert.equal(said(cloud, 'guest-unread'), 0);
    });
});
