import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../demo-image/build.ts';
import type { ImageSource } from '../../src/hypervisor/driver.ts';
import { createLibvirtDriver } from '../../src/hypervisor/libvirt/driver.ts';
import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { Failure } from '../../src/model/failure.ts';
import type { ImageId, ServerId } from '../../src/model/ids.ts';
import type { DiskFormat, ImageContent, ImageSnapshot } from '../../src/model/image.ts';
import { contentOfFile } from '../lab/content-of-file.ts';
import { driverOptionsOn } from '../lab/libvirt-driver-options.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { markVariables, variablesIn } from '../lab/uefi-variables.ts';
import { driverLaws } from './driver.ts';
import { type DriverLab, type LabCpu, saidAtBoot } from './driver-lab.ts';

driverLaws('the libvirt driver', openLab, { skip: libvirtHostObstacle() ?? false, timeout: 300_000 });

async function openLab(): Promise<DriverLab> {
  const host = await startLibvirtHost({ name: 'laws' });
  try {
    return await labOn(host);
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function labOn(host: LibvirtHost): Promise<DriverLab> {
  const instancesDir = join(host.shared, 'instances');
  const { images, contents, source, ramMb } = await layImages(host);
  const open = (cpu?: LabCpu) =>
    createLibvirtDriver({
      ...driverOptionsOn(host, source),
      ...{ cpuMode: cpu ? 'custom' : null, cpuModel: cpu?.models[0] ?? null, holdsCpu: cpu?.holds ?? false },
    });
  let driver = await open();
  const serialIn = async (server: ServerId, ...flags: string[]) => {
    const xml = await host.exec('virsh', ['dumpxml', ...flags, server]).catch(() => undefined);
    if (xml === undefined) return undefined;
    return /<entry name='serial'>([^<]*)</.exec(xml.stdout)?.[1] ?? null;
  };
  const filesOf = (server: ServerId) => readdir(join(instancesDir, server)).catch(() => []);
  const variables = (server: ServerId, set: string) => join(instancesDir, server, set, 'nvram.fd');
  return {
    driver: () => driver,
    async reopen(cpu) {
      await driver.close();
      driver = await open(cpu);
    },
    images,
    contents,
    ramMb,
    async guestSays(server, boot) {
      for (;;) {
        const said = saidAtBoot(await driver.consoleLog(server, null), boot);
        if (said !== undefined) return said;
        await delay(50); // what a guest prints is no event; the laws' own timeout ends this
      }
    },
    definedSerial: (server) => serialIn(server, '--inactive'),
    runningSerial: (server) => serialIn(server),
    diskSets: async (server) =>
      (await filesOf(server)).filter((name) => name !== 'definitions' && name !== 'console.log').sort(),
    filesOf,
    markVariables: (server, set) => markVariables(variables(server, set)),
    variablesOf: (server, set) => variablesIn(variables(server, set)),
    async close() {
      await driver.close();
      await host.stop();
    },
  };
}

async function layImages(
  host: LibvirtHost,
): Promise<Pick<DriverLab, 'images' | 'contents' | 'ramMb'> & { source: ImageSource }> {
  const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
  const qcow2 = join(host.shared, 'large.qcow2');
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', qcow2, '3G']);
  const paths = new Map<ImageId, string>();
  const contents: Record<ImageId, ImageContent> = {};
  const added = async (path: string) => {
    const id = randomUUID() as ImageId;
    paths.set(id, path);
    contents[id] = await contentOfFile(path);
    return id;
  };
  const [kernelId, ramdiskId] = [await added(demo.kernel), await added(demo.ramdisk)];
  const snapshot = async (path: string, diskFormat: DiskFormat): Promise<ImageSnapshot> => {
    const id = await added(path);
    const content = contents[id] as ImageContent;
    const properties = { os_command_line: DEMO_IMAGE_COMMAND_LINE };
    const record = { checksum: content.md5, hashValue: content.sha512, size: content.size };
    return { ...samplePlan().image, ...record, id, diskFormat, properties, kernelId, ramdiskId };
  };
  const good = await snapshot(demo.disk, 'raw');
  const vanished = {
    ...good,
    id: randomUUID() as ImageId,
    checksum: '0'.repeat(32),
    hashValue: '0'.repeat(128),
  };
  const source: ImageSource = {
    async open(id) {
      const path = paths.get(id);
      if (path === undefined) throw new Failure('not-found', `Image ${id} could not be found.`);
      return createReadStream(path);
    },
  };
  const images = { good, large: await snapshot(qcow2, 'qcow2'), vanished };
  return { images, contents, source, ramMb: demo.minRamMb };
}
