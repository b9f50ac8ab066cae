import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLibvirtDriver } from '../../src/hypervisor/libvirt/driver.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { rebuildServer } from '../../src/operations/kinds/rebuild-server.ts';
import { startCloud } from '../lab/cloud.ts';
import { HOST } from '../lab/cloud-host.ts';
import { contentOfFile } from '../lab/content-of-file.ts';
import { driverOptionsOn } from '../lab/libvirt-driver-options.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { imageOf, requester, serverRequest } from '../lab/requests.ts';

test('a rebuild whose new QEMU does not come up leaves the old guest running, and the server shows so', {
  skip: libvirtHostObstacle(),
  timeout: 120_000,
}, async (t) => {
  const host = await startLibvirtHost({ name: 'rebuilds' });
  t.after(() => host.stop());
  const disk = join(host.shared, 'disk.raw');
  await writeFile(disk, randomUUID().repeat(1000));
  const content = await contentOfFile(disk);
  const images = { open: async () => createReadStream(disk) };
  const driver = await createLibvirtDriver({ ...driverOptionsOn(host, images), virtType: 'qemu' });
  t.after(() => driver.close());
  const cloud = await startCloud({ wrap: () => driver });
  t.after(() => cloud.close());
  const image = (properties: Record<string, string>) =>
    imageOf({
      ...{ id: randomUUID() as ImageId, checksum: content.md5, size: content.size, properties },
      ...{ hashValue: content.sha512! },
    });

  const [created] = await cloud.operations.createServers(serverRequest({ image: image({}) }), requester());
  const { id } = created!;
  await cloud.idle();
  const before = await cloud.server(id);
  assert.deepEqual([before.vmState, before.powerState, before.fault], ['active', 'running', null]);

  await host.exec('mount', ['-t', 'tmpfs', 'none', '/usr/share/qemu/firmware']); // the firmware, as the host reported it, is gone
  await cloud.operations.start(
    rebuildServer,
    before,
    { image: image({ hw_firmware_type: 'uefi' }) },
    requester(),
  );
  await cloud.idle();
  const after = await cloud.server(id);
  const seen = [after.vmState, after.powerState, after.host, after.diskSet];
  assert.deepEqual(seen, ['active', 'running', HOST, before.diskSet]);
  assert.equal((await driver.observe(id)).power, 'running');
  const [action] = await cloud.store.actions.list(id, { limit: 1 });
  assert.equal(action?.message, 'Error');
  assert.match(action?.events[0]?.details ?? '', /UEFI/);
  assert.doesNotMatch(action?.events[0]?.details ?? '', /\//);
});
