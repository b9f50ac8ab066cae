import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../../demo-image/build.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import type { GuestPlan } from '../../model/guest.ts';
import type { ImageId, OperationId, ServerId } from '../../model/ids.ts';
import type { HypervisorDriver } from '../driver.ts';
import { createLibvirtDriver } from './driver.ts';
import { type SampleChanges, samplePlan } from './sample-plan.ts';

const obstacle = libvirtHostObstacle();
const never = new AbortController().signal;
const ids = {
  disk: randomUUID() as ImageId,
  kernel: randomUUID() as ImageId,
  ramdisk: randomUUID() as ImageId,
};
const operation = () => randomUUID() as OperationId;

let number = 0;
function newPlan(disk: Buffer, minRamMb: number, changes: SampleChanges = {}): GuestPlan {
  number++;
  return samplePlan({
    serverId: randomUUID() as ServerId,
    domainName: `instance-${number.toString(16).padStart(8, '0')}`,
    ...changes,
    flavor: { ramMb: minRamMb, ...changes.flavor },
    image: {
      id: ids.disk,
      diskFormat: 'raw',
      checksum: createHash('md5').update(disk).digest('hex'),
      size: disk.length,
      kernelId: ids.kernel,
      ramdiskId: ids.ramdisk,
      properties: { os_command_line: DEMO_IMAGE_COMMAND_LINE },
      ...changes.image,
    },
  });
}

describe('the libvirt driver with real guests', { skip: obstacle, timeout: 240_000 }, () => {
  let host: LibvirtHost;
  let driver: HypervisorDriver;
  let instancesDir: string;
  let planOf: (changes?: SampleChanges) => GuestPlan;
  const lines: string[] = [];

  before(async () => {
    const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
    host = await startLibvirtHost({ name: 'driver' });
    const disk = await readFile(demo.disk);
    planOf = (changes) => newPlan(disk, demo.minRamMb, changes);
    const paths: Record<string, string> = {
      [ids.disk]: demo.disk,
      [ids.kernel]: demo.kernel,
      [ids.ramdisk]: demo.ramdisk,
    };
    instancesDir = join(host.shared, 'instances');
    driver = await createLibvirtDriver({
      connectionUri: host.uri,
      instancesDir,
      cacheDir: join(host.shared, 'images'),
      daemonDir: join(host.shared, 'libvirt'),
      virtType: 'auto',
      cpuMode: null,
      cpuModel: null,
      network: { type: 'none' },
      vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
      nameplateVersion: '0.1.0',
      forceConfigDrive: false,
      images: { open: async (id) => createReadStream(paths[id] ?? '') },
      log: (_, message) => lines.push(message),
    });
  });

  after(async () => {
    await driver?.close();
    await host?.stop();
  });

  async function consoleUntil(server: ServerId, pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const found = pattern.exec(await driver.consoleLog(server, null));
      if (found !== null) return found;
      await delay(50);
    }
  }

  async function created(plan: GuestPlan, serial: string | null = plan.serverId): Promise<GuestPlan> {
    await driver.createDisks({ plan, from: 'image' }, never);
    await driver.define({ plan, serial, operation: operation() });
    return plan;
  }

  async function removed(plan: GuestPlan): Promise<void> {
    await driver.destroy(plan.serverId);
    await driver.undefine(plan.serverId);
    await driver.deleteDisks(plan.serverId, 'all');
  }

  test('the guest reads its own serial, is ended, and leaves nothing', async () => {
    const plan = await created(planOf());
    await driver.start(plan.serverId);
    await driver.start(plan.serverId);
    assert.equal((await driver.observe(plan.serverId)).power, 'running');
    const [, serial, uuid] = await consoleUntil(plan.serverId, /nameplate-demo serial=(\S+) uuid=(\S+)/);
    assert.equal(serial, plan.serverId);
    assert.equal(uuid, plan.serverId);
    assert.deepEqual(await driver.guests(), [{ serverId: plan.serverId, power: 'running' }]);
    await removed(plan);
    assert.equal((await driver.observe(plan.serverId)).power, 'absent');
    assert.deepEqual(await readdir(instancesDir), []);
  });
});
