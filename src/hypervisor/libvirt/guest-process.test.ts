import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import { logLine } from '../../../test/lab/log-line.ts';
import type { ImageId, OperationId, ServerId } from '../../model/ids.ts';
import type { ImageSnapshot } from '../../model/image.ts';
import type { HypervisorDriver } from '../driver.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const never = new AbortController().signal;
const content = Buffer.alloc(1024 * 1024, 'an image that several guests share ');

/**
 * libvirt as distributions set it up, but for what these hosts within a host cannot do: mounts cannot be
 * moved in them.
 */
const QEMU_CONF = ['stdio_handler = "file"', 'cgroup_controllers = [ ]', 'namespaces = [ ]', ''].join('\n');

describe('a guest of a libvirt that runs QEMU as its own user', {
  skip: libvirtHostObstacle(),
  timeout: 120_000,
}, () => {
  let host: LibvirtHost;
  let driver: HypervisorDriver;
  const said: string[] = [];
  const _instances = () => join(host.shared, 'instances');
  const images = () => join(host.shared, 'images');

  before(async () => {
    host = await startLibvirtHost({ name: 'own-user' });
    await chmod(host.root, 0o711);
    await writeFile(join(host.root, 'etc/libvirt/qemu.conf'), QEMU_CONF);
    await host.restartDaemon();
    driver = await createLibvirtDriver({
      ...driverOptionsOn(host, { open: async () => Readable.from([content]) }),
      unusedImageAgeMs: 1000_000,
      virtType: 'qemu',
      forceConfigDrive: true,
      log: (event, fields) => void said.push(logLine(event, fields)),
    });
  });
  after(async () => {
    await driver?.close();
    await host?.stop();
  });

  /** Whom libvirt says that it runs QEMU as. */
  async function qemuUser(): Promise<{ uid: string | undefined; gid: string | undefined }> {
    const { stdout } = await host.exec('virsh', ['capabilities']);
    const [, uid, gid] = /<baselabel type='qemu'>\+([1-9][0-9]*):\+([1-9][0-9]*)</.exec(stdout) ?? [];
    return { uid, gid };
  }

  test('runs as that user with a seccomp filter, and the image that it shares keeps its owner', async () => {
    const image: Partial<ImageSnapshot> = {
      ...{
        id: randomUUID() as ImageId,
        diskFormat: 'raw',
        kernelId: null,
        ramdiskId: null,
        size: content.length,
      },
      checksum: createHash('md5').update(content).digest('hex'),
    };
    const plan = samplePlan({ serverId: randomUUID() as ServerId, image, flavor: { ramMb: 64, rootGb: 1 } });
    await driver.createDisks({ plan, from: 'image' }, never);
    await driver.define({ plan, serial: null, operation: randomUUID() as OperationId });
    const base = join(images(), (await readdir(images()))[0] ?? '');
    const owner = await stat(base);
    const user = await qemuUser();
    await driver.start(plan.serverId);
    const { stdout } = await host.exec('bash', ['-c', 'cat /proc/$(pgrep -f ^/usr/bin/qemu-system)/status']);
    assert.match(stdout, new RegExp(`^Uid:(\\t${user.uid}){4}\\nGid:(\\t${user.gid}){4}$`, 'm'));
    assert.match(stdout, /^CapEff:\t0+$/m);
    assert.match(stdout, /^Seccomp:\t2$/m);
    assert.doesNotMatch(said.join('\n'), /guests run as/);
    const { uid, gid, mode } = await stat(base);
    assert.deepEqual([uid, gid, mode], [owner.uid, owner.gid, owner.mode]);
    await driver.destroy(plan.serverId);
  });
});
