import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { MOVE_CASES, migrate, OTHER_HOST, TWO_HOSTS } from '../../test/lab/move-cases.ts';
import { begin, createOne, OPERATION_CASES, serverFor } from '../../test/lab/operation-cases.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import { planOf } from '../model/guest.ts';
import type { OperationId } from '../model/ids.ts';
import type { MachineIdentity } from '../model/machine-identity.ts';
import type { Server } from '../model/server.ts';

/** Nothing that a host of the lab would choose by itself: of a server that release 0.1 made. */
const HELD: MachineIdentity = {
  smbios: { manufacturer: 'M', product: 'P', version: '0.0.1', family: 'F' },
  machineType: 'pc-held-4.2',
  diskSerials: { root: 'held-serial' },
  addresses: { 'disk/root': '0000:00:1d.0' },
  controllers: [],
  devices: 1,
};
const REBUILT: MachineIdentity = { ...HELD, devices: 2 };
/** They leave no definition behind, or begin without one. */
const WITHOUT_GUEST = ['create-server', 'delete-server'];
const CASES = [...OPERATION_CASES, ...MOVE_CASES].filter(({ kind }) => !WITHOUT_GUEST.includes(kind));

describe('the machine identity of a server', () => {
  for (const of of CASES)
    it(`is the same, but for the devices that a rebuild adds, after: ${of.name}`, async (t) => {
      const expected = of.kind === 'rebuild-server' ? REBUILT : HELD;
      const cloud = await startCloudFor(t, of.cloud ?? {});
      const server = await hold(cloud, (await serverFor(cloud, of))!);
      await begin(cloud, of, server);
      await cloud.idle();
      const after = await cloud.server(server.id);
      assert.equal(after.fault, null);
      assert.deepEqual(onlyHeld(after.machine), expected);
      const guest = await guestFile(cloud, server.id, after.host!);
      assert.deepEqual(onlyHeld(guest?.definition?.machine ?? null), expected);
    });

  it('is read from the guest where an earlier release defined it, and then goes with the server', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await createOne(cloud);
    await cloud.idle();
    const { id } = await hold(cloud, await cloud.server(server.id));
    await cloud.store.servers.update(await cloud.server(id), { machine: null });
    await cloud.tellOfGuests();
    while ((await cloud.server(id)).machine === null) await turn();
    assert.deepEqual(onlyHeld((await cloud.server(id)).machine), HELD);
    await migrate(cloud, await cloud.server(id));
    await cloud.idle();
    const moved = await guestFile(cloud, id, OTHER_HOST);
    assert.deepEqual(onlyHeld(moved?.definition?.machine ?? null), HELD);
  });
});

/** Gives the server, and the definition of its guest, the identity {@link HELD}. */
async function hold(cloud: Cloud, { id }: Server): Promise<Server> {
  const server = await cloud.store.servers.update(await cloud.server(id), { machine: HELD });
  const operation = randomUUID() as OperationId;
  const { driver } = cloud.hosts.get(server.host!)!;
  await driver.define({ plan: planOf(server), serial: null, operation });
  await driver.forgetDefinition(id, operation);
  return server;
}

/** Without the devices that a larger flavor adds, and the CPU, which follows the host. */
function onlyHeld(machine: MachineIdentity | null): unknown {
  if (machine === null) return null;
  const { cpu: _, ...rest } = machine;
  const { root } = machine.diskSerials;
  const place = machine.addresses['disk/root'];
  return { ...rest, diskSerials: { root }, addresses: { 'disk/root': place } };
}
