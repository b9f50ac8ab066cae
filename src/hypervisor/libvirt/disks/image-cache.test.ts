import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure } from '../../../model/failure.ts';
import type { ImageId, ServerId } from '../../../model/ids.ts';
import { contentOf as cacheContentOf, type ImageContent, type ImageSnapshot } from '../../../model/image.ts';
import { samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { DiskSets } from './disk-set.ts';
import { ImageCache } from './image-cache.ts';
import { writeOverlay } from './overlay.ts';
import { QemuImg } from './qemu-img.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const inSandbox = new BubblewrapSandbox();
const GIB = 1024 ** 3;
const id = '70a599e0-31e7-49b7-b260-868f441e862b' as ImageId;

let root = '';
/** What the control plane gives as an image's data now. */
let uploaded = new Map<ImageId, Buffer>();
let cache: ImageCache;
let sets: DiskSets;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'image-cache-'));
  uploaded = new Map();
  await open();
});
afterEach(() => rm(root, { recursive: true }));

async function open(qemuImg = new QemuImg(inSandbox)): Promise<void> {
  cache = new ImageCache({
    directory: join(root, '_base'),
    images: { open: async (image) => Readable.from([uploaded.get(image) ?? assert.fail('it is fetched')]) },
    inspection: { vmdkAllowedTypes: [] },
    qemuImg,
  });
  await cache.prepare();
  const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
  sets = new DiskSets({ ...options, instancesDir: root });
}

const sum = (name: string, data: Buffer) => createHash(name).update(data).digest('hex');

function contentOf(data: Buffer): ImageContent {
  return { sha512: sum('sha512', data), md5: sum('md5', data), size: data.length };
}

function imageOf(data: Buffer, changes: Partial<ImageSnapshot> = {}): ImageSnapshot {
  const { sha512, md5, size } = contentOf(data);
  return { ...samplePlan().image, id, checksum: md5, hashValue: sha512, size, ...changes };
}

const cached = async () => (await readdir(join(root, '_base'))).sort();

async function read(image: ImageSnapshot): Promise<Buffer> {
  using base = await cache.base(image, { images: null, contents: {}, signal: never, largest: null });
  return await readFile(base.path);
}

async function readBoot(contents: Record<ImageId, ImageContent>): Promise<Buffer> {
  using file = await cache.bootFile(id, { images: null, contents, signal: never, largest: null });
  return await readFile(file.path);
}

describe('the image cache', () => {
  it('gives the content that is asked for, whatever else was known by the same id', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { minLength: 1, maxLength: 6 }), async (texts) => {
        for (const text of texts) {
          const data = Buffer.from(text.padEnd(600, '.'));
          uploaded.set(id, data);
          assert.deepEqual(await read(imageOf(data)), data);
          assert.deepEqual(await readBoot({ [id]: contentOf(data) }), data);
        }
        for (const text of texts) {
          const data = Buffer.from(text.padEnd(600, '.'));
          uploaded.clear();
          assert.deepEqual(await read(imageOf(data)), data, 'and it is here without being fetched again');
        }
      }),
      { numRuns: 20 },
    );
  });

  it('gives no kernel of an image that the control plane does not speak for, though its data is here', async () => {
    const data = Buffer.from('kernel of a deleted image');
    uploaded.set(id, data);
    await readBoot({ [id]: contentOf(data) });
    for (const name of [`boot-${id}`, `boot-${id}.${sum('sha256', data)}`, id])
      await writeFile(join(root, '_base', name), data);
    await assert.rejects(readBoot({}), { kind: 'not-found' });
    const plan = samplePlan({
      image: imageOf(Buffer.alloc(512), { id: randomUUID() as ImageId, kernelId: id }),
    });
    uploaded.set(plan.image.id, Buffer.alloc(512));
    await assert.rejects(sets.create({ plan, from: 'image' }, never), { kind: 'not-found' });
    assert.deepEqual(await readdir(join(root, plan.serverId)), []);
  });

  it('fetches no image, kernel or ramdisk that could not be used for its size', async () => {
    const fits = Buffer.alloc(600);
    uploaded.set(id, fits);
    const bootId = randomUUID() as ImageId;
    const huge = { ...contentOf(fits), size: 64 * GIB };
    const flavor = { rootGb: 1, ramMb: 512 };
    const plans = [
      samplePlan({ flavor, image: imageOf(fits, { size: 64 * GIB }) }),
      samplePlan({ flavor, image: imageOf(fits, { size: 64 * GIB, diskFormat: 'qcow2' }) }),
      samplePlan({ flavor, image: imageOf(fits, { size: 64 * GIB, diskFormat: 'iso' }) }),
      samplePlan({ flavor, image: imageOf(fits, { kernelId: bootId }) }),
      samplePlan({ flavor, image: imageOf(fits, { ramdiskId: bootId }) }),
    ];
    for (const plan of plans) {
      const contents = { [plan.image.id]: cacheContentOf(plan.image), [bootId]: huge };
      await assert.rejects(sets.create({ plan, from: 'image', contents }, never), (error) => {
        assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
        assert.match(error.message, /68719476736 bytes/);
        return true;
      });
    }
    const ahead = imageOf(fits, { kernelId: bootId });
    const fetching = { images: null, contents: { [bootId]: huge }, signal: never };
    await assert.rejects(sets.cacheImage(ahead, fetching), /must fit into the guest's memory/);
  });

  it('converts a few images at a time, whoever asks for how many', async () => {
    let now = 0;
    let most = 0;
    const counting: Sandbox = {
      confines: true,
      async run(wanted) {
        if (wanted.target === undefined) return inSandbox.run(wanted);
        most = Math.max(most, ++now);
        return inSandbox.run(wanted).finally(() => now--);
      },
    };
    await open(new QemuImg(counting));
    const wanted = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const path = join(root, `image-${n}`);
        await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, `${n + 1}M`]);
        const data = await readFile(path);
        const image = imageOf(data, { id: randomUUID() as ImageId, diskFormat: 'qcow2' });
        uploaded.set(image.id, data);
        return image;
      }),
    );
    const made = await Promise.all(wanted.map(read));
    assert.deepEqual(
      made.map(({ length }) => length),
      wanted.map((_, n) => (n + 1) * 1024 * 1024),
    );
    assert.ok(most > 0 && most <= 4, `${most} at a time`);
  });

  for (const [what, wrong] of [
    ['other bytes', { sha512: 'f'.repeat(128) }],
    ['more bytes', { size: 5 }],
    ['fewer bytes', { size: 5000 }],
  ] as const)
    it(`keeps nothing of an image or a kernel that comes with ${what}`, async () => {
      const data = Buffer.from('not what the record says');
      uploaded.set(id, data);
      const content = { ...contentOf(data), ...wrong };
      await assert.rejects(readBoot({ [id]: content }), { kind: 'invalid' });
      await assert.rejects(read(imageOf(data, { hashValue: content.sha512, size: content.size })), {
        kind: 'invalid',
      });
      assert.deepEqual(await cached(), []);
    });

  it('keeps nothing of an image that inspection refuses, though its checksum is right', async () => {
    const over = join(root, 'over');
    await writeOverlay(over, { size: GIB, backingFile: '/etc/hostname' });
    const qcow2 = await readFile(over);
    const vmdk = Buffer.from('# Disk DescriptorFile\nversion=1\nRW 1 FLAT "/etc/hostname" 0\n'.padEnd(2000));
    for (const [data, diskFormat] of [
      [qcow2, 'qcow2'],
      [qcow2, 'raw'],
      [vmdk, 'vmdk'],
      [Buffer.alloc(2000), 'vmdk'],
      [Buffer.alloc(2000), 'qcow2'],
    ] as const) {
      uploaded.set(id, data);
      await assert.rejects(read(imageOf(data, { diskFormat })), { kind: 'invalid' });
      assert.deepEqual(await cached(), []);
    }
  });

  it('gives guests files that they can read and that only the agent may write', async () => {
    const data = Buffer.alloc(1000, 7);
    uploaded.set(id, data);
    const umask = process.umask(0o077);
    try {
      await read(imageOf(data));
    } finally {
      process.umask(umask);
    }
    const { mode } = await stat(join(root, '_base', imageOf(data).hashValue as string));
    assert.equal(mode & 0o777, 0o644);
  });
});

describe('the cache of a host that release 0.1 used', () => {
  it('goes on carrying its guests, and gives none of its files to new ones', async () => {
    const data = Buffer.from('the data of the image'.padEnd(4096, '.'));
    const image = imageOf(data);
    const old = join(root, '_base', image.checksum);
    const boot = join(root, '_base', `boot-${id}`);
    await writeFile(old, data);
    await writeFile(`${old}.qcow2`, data);
    await writeFile(boot, 'kernel');
    await link(boot, `${boot}.${sum('sha256', Buffer.from('kernel'))}`);
    const { hashValue: _none, ...imageBefore } = { ...image, kernelId: id };
    const guests = [
      { diskFormat: 'raw', base: old } as const,
      { diskFormat: 'qcow2', base: `${old}.qcow2` } as const,
    ].map(({ diskFormat, base }) => ({
      plan: {
        ...samplePlan({ serverId: randomUUID() as ServerId }),
        image: { ...imageBefore, diskFormat },
      },
      base,
    }));
    for (const { plan, base } of guests) {
      const set = sets.directoryOfSet(plan.serverId, plan.diskSet);
      await mkdir(set, { recursive: true });
      await writeOverlay(join(set, 'disk'), { size: GIB, backingFile: base });
      await link(boot, join(set, 'kernel'));
    }
    const before = await stat(old);

    await open();
    await cache.removeUnused(root, 0);
    for (const { plan, base } of guests) {
      assert.deepEqual(await readFile(base), data);
      const grown = { ...plan, diskSet: 'second', flavor: { ...plan.flavor, rootGb: 2 } };
      await sets.create({ plan: grown, from: { copyOf: plan.diskSet } }, never);
      const { root: disk, kernel } = sets.filesOf(grown);
      await run('qemu-img', ['check', '-f', 'qcow2', disk.path]);
      assert.equal(await readFile(kernel as string, 'utf8'), 'kernel');
    }
    assert.equal((await stat(old)).ino, before.ino);
    assert.ok(!(await cached()).some((name) => name.startsWith('boot-')), 'each guest has its own kernel');

    await writeFile(`${old}.qcow2`, 'what another host once sent');
    uploaded.set(id, data);
    assert.deepEqual(await read(image), data);
    assert.ok((await cached()).includes(image.hashValue as string));
  });
});
