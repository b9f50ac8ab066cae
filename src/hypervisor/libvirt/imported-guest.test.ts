import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../../demo-image/build.ts';
import { contentOfFile } from '../../../test/lab/content-of-file.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import type { ImageId, OperationId, ServerId } from '../../model/ids.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const never = new AbortController().signal;

test('an imported guest reads the serial, UUID and product of the old machine', {
  skip: libvirtHostObstacle(),
  timeout: 240_000,
}, async (t) => {
  const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
  const host = await startLibvirtHost({ name: 'imported' });
  t.after(() => host.stop());
  const [disk, kernel, ramdisk] = [randomUUID(), randomUUID(), randomUUID()] as [ImageId, ImageId, ImageId];
  const paths: Record<ImageId, string> = {
    [disk]: demo.disk,
    [kernel]: demo.kernel,
    [ramdisk]: demo.ramdisk,
  };
  const driver = await createLibvirtDriver({
    ...{ connectionUri: host.uri, instancesDir: join(host.shared, 'instances') },
    ...{ cacheDir: join(host.shared, 'images'), daemonDir: join(host.shared, 'libvirt') },
    ...{ virtType: 'auto', cpuMode: null, cpuModel: null, network: { type: 'none' } },
    ...{ vmdkAllowedTypes: [], unusedImageAgeMs: 0, nameplateVersion: '0.1.0', forceConfigDrive: false },
    migration: { uri: 'qemu+tcp://%s/system', bandwidthMib: 0, inboundAddress: '127.0.0.1' },
    images: { open: async (id) => createReadStream(paths[id] as string) },
    log: () => {},
  });
  t.after(() => driver.close());
  const content = await contentOfFile(demo.disk);
  const contents = {
    [disk]: content,
    [kernel]: await contentOfFile(demo.kernel),
    [ramdisk]: await contentOfFile(demo.ramdisk),
  };
  const smbios = { manufacturer: 'ACME', product: 'Anvil', version: '7', family: '' };
  const serverId = randomUUID() as ServerId;
  const plan = samplePlan({
    ...{ serverId, domainName: 'instance-00000001', flavor: { ramMb: demo.minRamMb } },
    given: { serial: 'VMware-42_1d', smbios, machineType: 'pc', diskSerials: { root: 'WD-42' } },
    image: {
      ...{ id: disk, kernelId: kernel, ramdiskId: ramdisk, diskFormat: 'raw', size: content.size },
      ...{ checksum: content.md5, hashValue: content.sha512 },
      properties: { os_command_line: DEMO_IMAGE_COMMAND_LINE },
    },
  });
  await driver.createDisks({ plan, from: 'image', contents }, never);
  await driver.define({ plan, serial: 'VMware-42_1d', operation: randomUUID() as OperationId });
  await driver.start(serverId);
  const line = /nameplate-demo serial=.*/;
  while (!line.test(await driver.consoleLog(serverId, null))) await delay(50);
  const said = line.exec(await driver.consoleLog(serverId, null))?.[0] ?? '';
  assert.match(said, new RegExp(`serial=VMware-42_1d uuid=${serverId} product=Anvil `, 'i'));
  await driver.destroy(serverId);
});
