import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../../demo-image/build.ts';
import { contentOfFile } from '../../../test/lab/content-of-file.ts';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import { logLine } from '../../../test/lab/log-line.ts';
import { Failure } from '../../model/failure.ts';
import type { GuestObservation, GuestPlan } from '../../model/guest.ts';
import type { ImageId, OperationId, ServerId } from '../../model/ids.ts';
import type { ImageContents } from '../../model/image.ts';
import type { HypervisorDriver } from '../driver.ts';
import { writeOverlay } from './disks/overlay.ts';
import { createLibvirtDriver, type LibvirtDriverOptions } from './driver.ts';
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
  let contents: ImageContents;
  let planOf: (changes?: SampleChanges) => GuestPlan;
  let options: LibvirtDriverOptions;

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
    contents = {
      [ids.kernel]: await contentOfFile(demo.kernel),
      [ids.ramdisk]: await contentOfFile(demo.ramdisk),
    };
    instancesDir = join(host.shared, 'instances');
    options = {
      ...driverOptionsOn(host, { open: async (id) => createReadStream(paths[id] ?? '') }),
      vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
    };
    driver = await createLibvirtDriver(options);
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
    await driver.createDisks({ plan, from: 'image', contents }, never);
    await driver.define({ plan, serial, operation: operation() });
    return plan;
  }

  /** A watch of the driver that ends with its test. */
  function watched(t: TestContext) {
    const ending = new AbortController();
    t.after(() => ending.abort());
    const news = driver.watch(ending.signal)[Symbol.asyncIterator]();
    return {
      async told(power: GuestObservation['power']): Promise<void> {
        for (;;) {
          const { done, value } = await news.next();
          assert.ok(!done, `the watch ended before a guest was ${power}`);
          if (value.power === power) return;
        }
      },
      async ended(): Promise<void> {
        ending.abort();
        while (!(await news.next()).done);
      },
    };
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

  test('a guest that does not hear its power button: shutdown and soft reboot say so and leave it running', async () => {
    // An empty disk and no kernel: the BIOS finds nothing to boot and stays there.
    const plan = await created(planOf({ image: { kernelId: null, ramdiskId: null } }));
    await driver.start(plan.serverId);
    assert.equal(await driver.shutdown(plan.serverId, 300), false);
    assert.equal(await driver.softReboot(plan.serverId, 300), false);
    assert.equal((await driver.observe(plan.serverId)).power, 'running');
    await removed(plan);
  });

  test('all kinds of devices that images may ask for start', async () => {
    const bare = { kernelId: null, ramdiskId: null };
    const flavor = { swapMb: 8, ephemeralGb: 1, vcpus: 2 };
    for (const properties of [
      { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi', hw_video_model: 'vga', hw_machine_type: 'q35' },
      { hw_disk_bus: 'ide', hw_cdrom_bus: 'ide', hw_video_model: 'cirrus' },
      { hw_disk_bus: 'sata', hw_cdrom_bus: 'sata', hw_machine_type: 'q35', hw_video_model: 'virtio' },
      { hw_disk_bus: 'usb', hw_cdrom_bus: 'usb' },
    ] satisfies Record<string, string>[]) {
      const plan = await created(planOf({ flavor, configDrive: true, image: { ...bare, properties } }));
      await driver.start(plan.serverId);
      assert.equal((await driver.observe(plan.serverId)).power, 'running', JSON.stringify(properties));
      await removed(plan);
    }
  });

  test('a guest on a bridge has one interface, always with the same address', async () => {
    await host.exec('bash', ['-c', 'ip link add br0 type bridge && ip link set br0 up']);
    const bridged = await createLibvirtDriver({ ...options, network: { type: 'bridge', name: 'br0' } });
    const plan = planOf({ image: { kernelId: null, ramdiskId: null } });
    await bridged.createDisks({ plan, from: 'image', contents }, never);
    const addresses: (string | undefined)[] = [];
    for (let boot = 0; boot < 2; boot++) {
      await bridged.define({ plan, serial: null, operation: operation() });
      await bridged.start(plan.serverId);
      const { stdout } = await host.exec('virsh', ['domiflist', plan.serverId]);
      addresses.push(/ bridge +br0 +virtio +(fa:16:3e:\S+)/.exec(stdout)?.[1]);
      await bridged.destroy(plan.serverId);
    }
    assert.ok(addresses[0] !== undefined);
    assert.equal(addresses[0], addresses[1]);
    await removed(plan);
    await bridged.close();
  });

  test('the log says at start that guests run as root, and why', async () => {
    const said: string[] = [];
    const other = await createLibvirtDriver({
      ...options,
      log: (event, fields) => void said.push(logLine(event, fields)),
    });
    await other.describeHost();
    await other.close();
    assert.ok(
      said.some((line) =>
        /^warn host-rights-excessive .*guests run as (root|libvirt's own user): .*qemu\.conf/.test(line),
      ),
      said.join('\n'),
    );
  });

  test('libvirt believes the definition, not the header of a disk that changed behind it', async () => {
    const plan = await created(planOf());
    const disk = join(instancesDir, plan.serverId, plan.diskSet, 'disk');
    const secret = join(host.shared, 'secret');
    await writeFile(secret, 'a secret of the host'.repeat(4096));
    await writeOverlay(`${disk}.other`, { size: 1024 ** 3, backingFile: secret });
    await rename(`${disk}.other`, disk);
    await driver.start(plan.serverId);
    const { stdout } = await host.exec('virsh', ['dumpxml', plan.serverId]);
    const disks = stdout.match(/<disk [\s\S]*?<\/disk>/g) ?? [];
    assert.equal(disks.length, 1);
    const chain = new RegExp(
      `<driver name='qemu' type='qcow2'[\\s\\S]*<backingStore type='file' index='2'>\\s*<format type='raw'/>\\s*` +
        `<source file='${options.cacheDir}/[^']+'>[\\s\\S]*?</source>\\s*<backingStore/>\\s*</backingStore>`,
    );
    assert.match(disks[0] ?? '', chain);
    const guest = await host.exec('pgrep', ['-af', plan.serverId]);
    assert.match(guest.stdout, /qemu-system/);
    assert.doesNotMatch(`${stdout}${guest.stdout}`, /\/secret/);
    await assert.rejects(
      driver.define({ plan, serial: null, operation: operation() }),
      (error) =>
        error instanceof Failure &&
        error.kind === 'invalid' &&
        /names the backing file/.test(error.operatorText),
    );
    await removed(plan);
  });

  test('names with all that XML treats specially go into libvirt and come out', async () => {
    const displayName = `</x> & "quotes" 'too' 🐧 ü`;
    const plan = await created(
      planOf({ displayName, image: { properties: { 'a<b': 'c&d,e=f' } } }),
      'A, B=C & <D>',
    );
    const { stdout } = await host.exec('virsh', ['dumpxml', '--inactive', plan.serverId]);
    assert.match(stdout, /<nova:name>&lt;\/x&gt; &amp; "quotes" 'too' 🐧 ü<\/nova:name>/);
    assert.match(stdout, /<entry name='serial'>A, B=C &amp; &lt;D&gt;<\/entry>/);
    await removed(plan);
  });

  test('a guest reads a serial with a comma in it as it is', async () => {
    const plan = await created(planOf(), 'one,two=three');
    await driver.start(plan.serverId);
    const [, serial] = await consoleUntil(plan.serverId, /nameplate-demo serial=(\S+)/);
    assert.equal(serial, 'one,two=three');
    await removed(plan);
  });

  test('a plan that libvirt does not accept is invalid, and the definition stays as it was', async () => {
    const plan = await created(planOf());
    const before = await host.exec('virsh', ['dumpxml', '--inactive', plan.serverId]);
    const wrong = { ...plan, image: { ...plan.image, properties: { hw_machine_type: 'no-such-machine' } } };
    await assert.rejects(
      driver.define({ plan: wrong, serial: null, operation: operation() }),
      (error) =>
        error instanceof Failure && error.kind === 'invalid' && /libvirt says ERR_/.test(error.operatorText),
    );
    assert.deepEqual(await host.exec('virsh', ['dumpxml', '--inactive', plan.serverId]), before);
    await removed(plan);
  });

  test('a daemon that was killed: calls say so, guests and the watch come back with its successor', async (t) => {
    const plan = await created(planOf());
    await driver.start(plan.serverId);
    const { told, ended } = watched(t);
    await told('running');
    await host.killDaemon();
    await assert.rejects(
      driver.pause(plan.serverId),
      (error) => error instanceof Failure && ['unavailable', 'outcome-unknown'].includes(error.kind),
    );
    await assert.rejects(
      driver.observe(plan.serverId),
      (error) => error instanceof Failure && error.kind === 'unavailable',
    );
    const again = told('running');
    await host.restartDaemon();
    assert.equal((await driver.observe(plan.serverId)).power, 'running');
    await again;
    await driver.destroy(plan.serverId);
    await told('shutdown');
    await ended();
    await removed(plan);
  });

  test('a guest that ends while the daemon connects to it again: libvirt has no event for it, the watch tells of it', async (t) => {
    const plan = await created(planOf());
    await driver.start(plan.serverId);
    const { told, ended } = watched(t);
    await told('running');
    const { stdout: process } = await host.exec('cat', [`/run/libvirt/qemu/${plan.domainName}.pid`]);
    await host.killDaemon();
    // A monitor that does not answer holds the daemon in its connecting.
    await host.exec('kill', ['-STOP', process]);
    const again = told('running');
    await host.restartDaemon();
    await again;
    await host.exec('kill', ['-KILL', process]);
    await told('shutdown');
    await ended();
    await removed(plan);
  });

  test('the host is described as libvirt tells it', async () => {
    const description = await driver.describeHost();
    assert.equal(description.hardwareUuid, host.hostUuid);
    assert.equal(description.hypervisorHostname, 'driver');
    assert.equal(description.hypervisorType, 'QEMU');
    assert.ok(description.hypervisorVersion > 1_000_000);
    assert.equal(description.cpuInfo.arch, description.arch);
  });
});
