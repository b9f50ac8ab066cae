import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Cloud, type CloudOptions, startCloudFor } from '../../test/lab/cloud.ts';
import { flavorOf, imageOf, requester, serverRequest } from '../../test/lab/requests.ts';
import type { HostName, ImageId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { rebuildServer } from './kinds/rebuild-server.ts';
import { migrateServer } from './kinds/resize-server.ts';
import type { ServerRequest } from './requests/operations.ts';

const [A, B, C] = ['a', 'b', 'c'] as [HostName, HostName, HostName];
const ONES = '1a'.repeat(16);
const TWOS = '2b'.repeat(16);

async function created(cloud: Cloud, changes: Partial<ServerRequest> = {}): Promise<Server> {
  const [server] = await cloud.operations.createServers(serverRequest(changes), requester());
  await cloud.idle();
  return cloud.server(server!.id);
}

async function aggregate(cloud: Cloud, hosts: HostName[], metadata: Record<string, string>) {
  const rest = { generation: 1, createdAt: 1, updatedAt: null };
  await cloud.store.aggregates.insert({
    ...rest,
    ...{ uuid: randomUUID(), name: `of ${hosts}`, hosts, metadata },
  });
}

describe('a rebuild', () => {
  const twoHosts: CloudOptions = { hosts: [{ name: A }, { name: B }] };
  const other = imageOf({
    id: 'a1b2c3d4-0000-4000-8000-00000000beef' as ImageId,
    properties: { os_distro: 'windows' },
  });

  it('is refused where its host does not take the new image, before anything is touched', async (t) => {
    const cloud = await startCloudFor(t, twoHosts);
    const before = await created(cloud, { host: 'a' });
    await aggregate(cloud, [A], { os_distro: 'debian' });
    await cloud.operations.start(rebuildServer, before, { image: other }, requester());
    await cloud.idle();
    const { updatedAt: _, generation: __, ...after } = await cloud.server(before.id);
    const { updatedAt: ___, generation: ____, ...was } = before;
    assert.deepEqual(after, was);
    const [action] = await cloud.store.actions.list(before.id, { limit: 1 });
    assert.deepEqual([action?.action, action?.message], ['rebuild', 'Error']);
    const [event] = action!.events;
    assert.equal(event?.details, 'No valid host was found. There are not enough hosts available.');
    assert.equal(
      event?.traceback,
      "AggregateImagePropertiesIsolation refused 1 of 1 host:\n- a: The image has os_distro='windows'; the host's aggregates take 'debian'.",
    );
    assert.equal((await cloud.store.serials.of(before.id)).length, 1);
  });

  it('goes on where the host takes it, and with the image that it has', async (t) => {
    const cloud = await startCloudFor(t, twoHosts);
    const { id } = await created(cloud, { host: 'b', image: other });
    await aggregate(cloud, [A], { os_distro: 'debian' });
    const rebuilt = async () => {
      await cloud.operations.start(rebuildServer, await cloud.server(id), { image: other }, requester());
      await cloud.idle();
      return (await cloud.store.serials.of(id)).length;
    };
    assert.equal(await rebuilt(), 2);
    await aggregate(cloud, [B], { os_distro: 'debian' });
    assert.equal(await rebuilt(), 3, 'the same image is not asked about again');
  });
});

describe('a move without a host named', () => {
  it('goes where the guest keeps its serial', async (t) => {
    const capacity = { memoryMb: 1_000_000 }; // the host that keeps it has less than the other
    const hosts = [
      { name: A, machineId: ONES, serialOption: 'os' },
      { name: B, machineId: TWOS, serialOption: 'os' },
      { name: C, machineId: ONES, serialOption: 'os', capacity },
    ] as const;
    for (const [option, goesTo] of [
      [2, C],
      [0, B],
    ] as const) {
      // biome-ignore format: pairs
      const multipliers = { ram: 1, numInstances: 0, softAffinity: 1, softAntiAffinity: 1, serialStability: option };
      const cloud = await startCloudFor(t, { hosts, scheduler: { multipliers } });
      const server = await created(cloud, { host: 'a' });
      await cloud.operations.start(migrateServer, server, { host: null }, requester());
      await cloud.idle();
      assert.equal((await cloud.server(server.id)).host, goesTo);
    }
  });
});

describe('a server that no host takes', () => {
  it('is in ERROR, and its fault says what each filter refused, and why', async (t) => {
    const cloud = await startCloudFor(t, { hosts: [{ name: A }, { name: B }, { name: C }] });
    await cloud.store.hosts.setStatus(A, {
      status: 'disabled',
      disabledReason: 'new disk',
      forcedDown: false,
    });
    await aggregate(cloud, [B], { tier: 'silver' });
    const flavor = flavorOf({ id: 'gold', extraSpecs: { 'aggregate_instance_extra_specs:tier': 'gold' } });
    const { vmState, host, fault } = await created(cloud, { flavor });
    assert.deepEqual({ vmState, host }, { vmState: 'error', host: null });
    assert.match(fault!.message, /^No valid host was found\. /);
    assert.equal(
      fault!.details,
      `ComputeFilter refused 1 of 3 hosts:
- a: The host is disabled: new disk.
AggregateInstanceExtraSpecsFilter refused 2 of 3 hosts:
- b: Extra spec aggregate_instance_extra_specs:tier does not fit the host's aggregates, because 'silver' is not 'gold'.
- c: No aggregate of the host has metadata 'tier', which extra spec aggregate_instance_extra_specs:tier asks for.`,
    );
  });
});

describe('the fault of a server that no host takes for one reason', () => {
  const faultOn = async (
    t: Parameters<typeof startCloudFor>[0],
    description: object,
    changes: Partial<ServerRequest>,
  ) => {
    const cloud = await startCloudFor(t, {
      hosts: [
        { name: A, description },
        { name: B, description },
      ],
    });
    const { fault, vmState } = await created(cloud, changes);
    assert.equal(vmState, 'error');
    assert.doesNotMatch(fault!.message, /\ba\b|\bb\b/);
    return fault!;
  };
  const own = flavorOf({ id: 'own', extraSpecs: { 'hw:unique_serial': 'true' } });

  it('tells its owner that no host can give it its own serial', async (t) => {
    const { message, details } = await faultOn(t, { givesSerial: false, arch: 'aarch64' }, { flavor: own });
    assert.match(message, /^No valid host was found\. No compute host .* can give it its own serial/);
    assert.match(details, /UniqueSerialFilter refused 2 of 2 hosts:\n- a, b: .*aarch64/);
  });

  it('tells its owner that no host has the machine type, the firmware, or the architecture', async (t) => {
    const platforms = { machineTypes: ['pc'], firmware: ['bios'] };
    for (const [properties, says] of [
      [{ hw_machine_type: 'bogus' }, /hw_machine_type/],
      [{ hw_firmware_type: 'uefi' }, /hw_firmware_type/],
      [{ hw_architecture: 'aarch64' }, /hw_architecture/],
      [{ hw_emulation_architecture: 'aarch64' }, /hw_emulation_architecture/],
    ] as const)
      assert.match((await faultOn(t, { platforms }, { image: imageOf({ properties }) })).message, says);
  });
});
