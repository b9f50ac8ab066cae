import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { twoFacedVmdk } from '../../../test/lab/hostile-images.ts';
import { Failure } from '../../model/failure.ts';
import type { ImageId } from '../../model/ids.ts';
import type { DiskFormat } from '../../model/image.ts';
import type { HypervisorDriver } from '../driver.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const CANARY = 'a secret of the host that no guest may read\n';
const run = promisify(execFile);
const never = new AbortController().signal;

let root = '';
let driver: HypervisorDriver;
const contents = new Map<ImageId, Buffer>();

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-images-'));
  await writeFile(join(root, 'secret'), CANARY.repeat(1000));
  driver = await createLibvirtDriver({
    connectionUri: `qemu+unix:///system?socket=${join(root, 'no-daemon')}`,
    instancesDir: join(root, 'instances'),
    cacheDir: join(root, 'images'),
    daemonDir: join(root, 'daemon'),
    unusedImageAgeMs: 0,
    ...{ virtType: 'qemu', cpuMode: null, cpuModel: null, network: { type: 'none' } },
    maxImageDiskGb: 2,
    vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
    nameplateVersion: '0.1.0',
    forceConfigDrive: false,
    migration: { inboundAddress: '127.0.0.1', uri: 'qemu+tcp://%s/system', bandwidthMib: 0 },
    images: { open: async (id) => Readable.from([contents.get(id) ?? Buffer.alloc(0)]) },
    log: () => {},
  });
  await writeFile(join(root, 'images', 'another-image'), CANARY.repeat(1000));
});
after(async () => {
  await driver?.close();
  await rm(root, { recursive: true, force: true });
});

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Has the driver make disks of an image. @returns how it refused; undefined when it did not */
async function disksOf(content: Buffer, diskFormat: DiskFormat, rootGb = 1): Promise<unknown> {
  const id = randomUUID() as ImageId;
  contents.set(id, content);
  const checksum = createHash('md5').update(content).digest('hex');
  const image = { id, diskFormat, checksum, size: content.length };
  const plan = samplePlan({ serverId: randomUUID(), image, flavor: { rootGb } } as Parameters<
    typeof samplePlan
  >[0]);
  return driver.createDisks({ plan, from: 'image' }, never).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The files of caches and guests that hold something of a secret. */
async function leaks(): Promise<string[]> {
  const found: string[] = [];
  for (const path of [
    ...(await filesBelow(join(root, 'instances'))),
    ...(await filesBelow(join(root, 'images'))),
  ]) {
    if (path.endsWith('another-image') || (await stat(path)).size > 2 ** 24) continue;
    if ((await readFile(path)).includes(CANARY)) found.push(path);
  }
  return found;
}

const REFERENCES: readonly (readonly [string, () => string])[] = [
  ['by its absolute path', () => join(root, 'secret')],
  ['by a relative path', () => '../secret'],
  ["by the bare name of another image in the cache's folder", () => 'another-image'],
];

for (const [how, name] of REFERENCES)
  test(`a VMDK that names a file ${how} beyond its descriptor's length is refused, and gives nothing of it`, async () => {
    const refusal = await disksOf(twoFacedVmdk(`RW 64 FLAT "${name()}" 0`), 'vmdk');
    assert.deepEqual(await leaks(), []);
    assert.ok(refusal instanceof Failure && refusal.kind === 'invalid', String(refusal));
  });

for (const [flavor, rootGb, size, words] of [
  ["the flavor's root disk", 1, '2G', /^Flavor's disk is too small for requested image/],
  [
    "the operator's limit, of a flavor without a root disk",
    0,
    '3G',
    /more than the 2147483648 bytes that the compute/,
  ],
] as const)
  test(`an image that holds a disk larger than ${flavor} is refused before it is converted`, async () => {
    const path = join(root, 'large.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, size]);
    const before = await filesBelow(join(root, 'images'));
    const refusal = await disksOf(await readFile(path), 'qcow2', rootGb);
    assert.ok(refusal instanceof Failure && refusal.kind === 'invalid', String(refusal));
    assert.match(refusal.message, words);
    assert.deepEqual(await filesBelow(join(root, 'images')), before);
  });

test("an image as large as the operator's limit is accepted for a flavor without a root disk", async () => {
  const path = join(root, 'fits.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '2G']);
  assert.equal(await disksOf(await readFile(path), 'qcow2', 0), undefined);
});
