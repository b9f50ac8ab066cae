import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../../demo-image/build.ts';
import { contentOfFile } from '../../../test/lab/content-of-file.ts';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import { asFailure, type Failure } from '../../model/failure.ts';
import type { GuestPlan } from '../../model/guest.ts';
import type { ImageId, OperationId, ServerId } from '../../model/ids.ts';
import type { ImageContent, ImageSnapshot } from '../../model/image.ts';
import type { HypervisorDriver } from '../driver.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const FIRMWARE = '/usr/share/qemu/firmware';
/** Less is not enough for EDK II. */
const UEFI_RAM_MB = 256;

describe('guests that real libvirt and QEMU refuse', {
  skip: libvirtHostObstacle(),
  timeout: 240_000,
}, () => {
  let host: LibvirtHost;
  let driver: HypervisorDriver;
  const files = new Map<string, string>();
  let boots: Pick<ImageSnapshot, 'kernelId' | 'ramdiskId'>;
  let disk: string;
  let ramMb: number;

  const fileAs = (path: string): ImageId => {
    const id = randomUUID() as ImageId;
    files.set(id, path);
    return id;
  };

  before(async () => {
    const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
    host = await startLibvirtHost({ name: 'refuses' });
    disk = demo.disk;
    ramMb = demo.minRamMb;
    boots = { kernelId: fileAs(demo.kernel), ramdiskId: fileAs(demo.ramdisk) };
    driver = await createLibvirtDriver({
      ...driverOptionsOn(host, { open: async (id) => createReadStream(files.get(id) ?? '') }),
      vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
    });
  });
  after(async () => {
    await driver?.close();
    await host?.stop();
  });

  async function planOf(
    properties: Record<string, string>,
    of: { path?: string; image?: Partial<ImageSnapshot>; vcpus?: number; ramMb?: number } = {},
  ): Promise<GuestPlan> {
    const data = await readFile(of.path ?? disk);
    const id = fileAs(of.path ?? disk);
    return samplePlan({
      serverId: randomUUID() as ServerId,
      domainName: `instance-${id.slice(0, 8)}`,
      flavor: { ramMb: of.ramMb ?? ramMb, vcpus: of.vcpus ?? 1 },
      image: {
        ...{
          id,
          diskFormat: 'raw',
          checksum: createHash('md5').update(data).digest('hex'),
          size: data.length,
        },
        ...{ ...boots, properties: { os_command_line: DEMO_IMAGE_COMMAND_LINE, ...properties } },
        ...of.image,
      },
    });
  }

  async function create(plan: GuestPlan): Promise<void> {
    const contents: Record<ImageId, ImageContent> = {};
    for (const id of [plan.image.id, plan.image.kernelId, plan.image.ramdiskId])
      if (id !== null) contents[id] = await contentOfFile(files.get(id) as string);
    await driver.createDisks({ plan, from: 'image', contents }, never);
  }

  async function boot(plan: GuestPlan): Promise<void> {
    await create(plan);
    await driver.define({ plan, serial: plan.serverId, operation: randomUUID() as OperationId });
    await driver.start(plan.serverId);
  }

  async function refusalOf(plan: GuestPlan): Promise<Failure> {
    const outcome = await boot(plan).then(() => undefined, asFailure);
    await driver.destroy(plan.serverId);
    await driver.undefine(plan.serverId);
    await driver.deleteDisks(plan.serverId, 'all');
    assert.ok(outcome !== undefined, 'it is refused');
    assert.doesNotMatch(outcome.message, /\/|qemu|libvirt/);
    assert.notEqual(outcome.operatorText, outcome.message, 'operators read more');
    return outcome;
  }

  test('their owners are told what to mend', async () => {
    const garbage = join(host.shared, 'not-a-kernel');
    await writeFile(garbage, 'this is no kernel '.repeat(500));
    for (const [properties, says, more] of [
      [{ hw_machine_type: 'bogus' }, /hw_machine_type/],
      [{ hw_machine_type: 'pc-i440fx-1.0' }, /no such machine type.*hw_machine_type/],
      [{ hw_machine_type: 'isapc' }, /hw_machine_type/],
      [{ hw_machine_type: 'q35', hw_disk_bus: 'ide' }, /IDE.*hw_disk_bus/],
      [{ hw_machine_type: 'pc' }, /vCPUs/, { vcpus: 300 }],
      [{}, /kernel_id/, { image: { kernelId: fileAs(garbage), ramdiskId: null } }],
    ] as const) {
      const failure = await refusalOf(await planOf(properties, more));
      assert.equal(failure.kind, 'invalid', failure.operatorText);
      assert.match(failure.message, says);
    }
  });

  test('an image that cannot be read is said to be encrypted or damaged', async () => {
    const encrypted = join(host.shared, 'encrypted.qcow2');
    // AES, not LUKS: qemu-img measures the CPU before it makes a LUKS header, and fails on a busy machine.
    const secret = ['--object', 'secret,id=s,data=abc', '-o', 'encrypt.format=aes,encrypt.key-secret=s'];
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...secret, encrypted, '1M']);
    const impossible = join(host.shared, 'impossible.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', impossible, '1M']);
    const bytes = await readFile(impossible);
    bytes.writeUInt32BE(0x7fffffff, 36); // entries of the level 1 table
    await writeFile(impossible, bytes);
    const damaged = join(host.shared, 'damaged.qcow2');
    bytes.writeUInt32BE(1, 36);
    bytes.writeBigUInt64BE(77n, 40); // where the level 1 table is
    await writeFile(damaged, bytes);
    for (const [path, says] of [
      [encrypted, /encrypted/],
      [impossible, /larger than is supported|damaged/],
      [damaged, /damaged/],
    ] as const) {
      const plan = await planOf({}, { path, image: { diskFormat: 'qcow2' } });
      const failure = asFailure(await create(plan).catch((error: unknown) => error));
      assert.equal(failure.kind, 'invalid', failure.operatorText);
      assert.match(failure.message, says, path);
      assert.doesNotMatch(failure.message, /\//);
    }
  });

  test('a guest with UEFI boots where the host has a firmware, and is refused with a sentence where it has none', async () => {
    const uefi = { hw_firmware_type: 'uefi' };
    const plan = await planOf(uefi, { ramMb: UEFI_RAM_MB });
    await boot(plan);
    const says = new RegExp(`serial=${plan.serverId}`);
    const runs = async () => (await driver.observe(plan.serverId)).power === 'running';
    if (process.env.NAMEPLATE_LONG === '1')
      while (!says.test(await driver.consoleLog(plan.serverId, null)) && (await runs())) await delay(200);
    assert.ok(await runs());
    await driver.destroy(plan.serverId);
    await driver.undefine(plan.serverId);

    await host.exec('mount', ['-t', 'tmpfs', 'none', FIRMWARE]);
    const failure = await refusalOf(await planOf(uefi));
    assert.deepEqual([failure.kind, /UEFI.*hw_firmware_type/.test(failure.message)], ['invalid', true]);
  });
});
