import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { type Cloud, startCloud, startCloudFor } from '../../test/lab/cloud.ts';
import { createOne, LARGE } from '../../test/lab/operation-cases.ts';
import { imageOf, requester, serverRequest } from '../../test/lab/requests.ts';
import { guestFile, hostFiles, wholeServer } from '../../test/lab/whole-server.ts';
import type { ImageId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { stopServer } from './kinds/power-server.ts';
import { hardRebootServer } from './kinds/reboot-server.ts';
import { rebuildServer } from './kinds/rebuild-server.ts';

async function created(cloud: Cloud, request = serverRequest()): Promise<Server> {
  const [server] = await cloud.operations.createServers(request, requester());
  await cloud.idle();
  return cloud.server(server!.id);
}

describe('a host whose serial source is broken', () => {
  it('fails a build that needs it, with words that name the file, and leaves nothing', async (t) => {
    const cloud = await startCloudFor(t, { serialOption: 'os' });
    await rm(cloud.machineIdFile);
    const { vmState, fault, host } = await created(cloud);
    assert.deepEqual({ vmState, host }, { vmState: 'error', host: null });
    assert.equal(fault?.message, "The compute host cannot give the guest the host's serial.");
    assert.equal(
      fault.details,
      `Host kant, [libvirt] sysinfo_serial = os: ${cloud.machineIdFile} does not exist`,
    );
    assert.deepEqual(await hostFiles(cloud), []);
    assert.equal(
      cloud.logged.filter((line) => line.includes(' step-failed ')).length,
      1,
      'it is not tried again',
    );
  });

  it('does not touch a guest that runs: a reboot that needs it is refused before anything is ended', async (t) => {
    const cloud = await startCloudFor(t);
    const { id } = await created(cloud);
    const before = await wholeServer(cloud, id);
    await writeFile(cloud.machineIdFile, 'uninitialized\n');
    await cloud.operations.start(hardRebootServer, await cloud.server(id), {}, requester());
    await cloud.idle();
    assert.deepEqual(await wholeServer(cloud, id), before);
    const [action] = await cloud.store.actions.list(id, { limit: 1 });
    assert.equal(action?.message, 'Error');
    assert.match(action.events[0]?.traceback ?? '', /machine-id holds 'uninitialized'/);
  });

  it('is nothing to servers with a serial of their own', async (t) => {
    const cloud = await startCloudFor(t);
    await writeFile(cloud.machineIdFile, '');
    const server = await created(cloud, serverRequest({ flavor: LARGE }));
    assert.equal(server.vmState, 'active');
    assert.equal((await guestFile(cloud, server.id))?.live?.serial, server.id);
  });

  it('is said when the agent starts', async (t) => {
    const first = await startCloudFor(t);
    await first.stop();
    await writeFile(first.machineIdFile, '');
    const cloud = await startCloud({ folder: first.folder });
    t.after(() => cloud.stop());
    const said = cloud.logged.filter((line) => line.startsWith('error'));
    assert.equal(said.length, 1);
    assert.match(said[0]!, /machine-id is empty/);
  });
});

describe('an image that vanished between request and disk', () => {
  const image = imageOf({ id: 'a1b2c3d4-0000-4000-8000-00000000dead' as ImageId });

  it('fails the build, the fault says so, nothing is left', async (t) => {
    const cloud = await startCloudFor(t);
    cloud.images.vanish(image.id);
    const { vmState, fault } = await created(cloud, serverRequest({ image }));
    assert.equal(vmState, 'error');
    assert.deepEqual([fault?.code, fault?.message], [404, `Image ${image.id} could not be found.`]);
    assert.deepEqual(await hostFiles(cloud), []);
  });

  it('leaves a server that was to be rebuilt as it is; the action says why', async (t) => {
    const cloud = await startCloudFor(t);
    const { id } = await created(cloud);
    const before = await wholeServer(cloud, id);
    cloud.images.vanish(image.id);
    await cloud.operations.start(rebuildServer, await cloud.server(id), { image }, requester());
    await cloud.idle();
    assert.deepEqual(await wholeServer(cloud, id), before);
    const [action] = await cloud.store.actions.list(id, { limit: 1 });
    assert.deepEqual(
      [action?.message, action?.events[0]?.details],
      ['Error', `Image ${image.id} could not be found.`],
    );
  });
});

describe('a server whose build failed', () => {
  it('can be deleted, and nothing else', async (t) => {
    const cloud = await startCloudFor(t);
    const image = imageOf({ size: 3 * 2 ** 30 });
    const server = await created(cloud, serverRequest({ image }));
    assert.deepEqual(
      [server.fault?.code, server.fault?.message],
      [400, "Flavor's disk is too small for requested image."],
    );
    const { operations } = cloud;
    for (const refused of [
      operations.start(stopServer, server, {}, requester()),
      operations.start(hardRebootServer, server, {}, requester()),
      operations.start(rebuildServer, server, { image: imageOf({}) }, requester()),
    ])
      await assert.rejects(refused, { kind: 'conflict', message: /is in an invalid state for/ });
    await operations.start(deleteServer, server, {}, requester());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'deleted');
  });
});

describe("the serial's ledger", () => {
  it('has each decision with its reasons, and none for what was taken back', async (t) => {
    const cloud = await startCloudFor(t);
    const server = await createOne(cloud);
    await cloud.idle();
    const [record] = await cloud.store.serials.of(server.id);
    const { because, overruled, host, operation, source } = record!;
    assert.deepEqual(
      { because, overruled, host, operation, source },
      {
        because: [{ input: 'host', value: 'auto' }],
        overruled: [],
        host: 'kant',
        operation: 'create-server',
        source: 'os',
      },
    );
    cloud.images.vanish(imageOf({}).id);
    await cloud.operations.start(
      rebuildServer,
      await cloud.server(server.id),
      { image: imageOf({}) },
      requester(),
    );
    await cloud.idle();
    assert.equal((await cloud.store.serials.of(server.id)).length, 1);
  });
});
