import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Failure, type FailureKind } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { DiskFormat, ImageContents, ImageSnapshot } from '../../../model/image.ts';
import { type SampleChanges, samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { DiskSets } from './disk-set.ts';
import { ImageCache } from './image-cache.ts';
import { QemuImg } from './qemu-img.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

let root = '';
let opened: ImageId[] = [];
let sources = new Map<ImageId, () => Readable>();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'disk-set-'));
  opened = [];
  sources = new Map();
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function newSets(directory = root, forceConfigDrive = false): Promise<DiskSets> {
  const qemuImg = new QemuImg(new BubblewrapSandbox());
  const cache = new ImageCache({
    directory: join(directory, 'images'),
    images: {
      async open(id) {
        opened.push(id);
        const source = sources.get(id);
        if (source === undefined) throw new Failure('not-found', `Image ${id} could not be found.`);
        return source();
      },
    },
    inspection: { vmdkAllowedTypes: ['monolithicSparse'] },
    qemuImg,
  });
  await cache.prepare();
  await mkdir(join(directory, 'instances'), { recursive: true });
  const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive, hasInterface: true };
  return new DiskSets({ ...options, instancesDir: join(directory, 'instances') });
}

/** An image of these bytes, as its source gives it. */
function imageOf(content: Buffer, diskFormat: DiskFormat): Partial<ImageSnapshot> {
  const id = randomUUID() as ImageId;
  sources.set(id, () => Readable.from([content.subarray(0, 1000), content.subarray(1000)]));
  const checksum = createHash('md5').update(content).digest('hex');
  const hashValue = createHash('sha512').update(content).digest('hex');
  return { id, diskFormat, checksum, hashValue, size: content.length };
}

/** What the records of images say of their data. */
function contentsOf(...images: readonly Partial<ImageSnapshot>[]): ImageContents {
  return Object.fromEntries(
    images.map(({ id, checksum, hashValue, size }) => [
      id!,
      { md5: checksum!, sha512: hashValue!, size: size! },
    ]),
  );
}

async function madeImage(format: DiskFormat, text: string, sizeMib = 4): Promise<Partial<ImageSnapshot>> {
  const raw = join(root, 'made.raw');
  await writeFile(raw, text);
  await truncate(raw, sizeMib * MIB);
  const made = join(root, 'made');
  await run('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, made]);
  return imageOf(await readFile(made), format);
}

async function fails(kind: FailureKind, words: RegExp, made: Promise<unknown>): Promise<void> {
  await assert.rejects(made, (error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.operatorText);
    assert.match(error.message, words);
    return true;
  });
}

const setsOf = (plan: { serverId: string }) =>
  readdir(join(root, 'instances', plan.serverId)).catch(() => []);
const cached = () => readdir(join(root, 'images'));

for (const format of ['raw', 'qcow2', 'vmdk'] as const) {
  test(`a disk over a ${format} image shows its content and has the flavor's size`, async () => {
    const sets = await newSets();
    const plan = samplePlan({ image: await madeImage(format, 'hello guest') });
    await sets.create({ plan, from: 'image' }, never);
    const { path } = sets.filesOf(plan).root;
    const flat = join(root, 'flat');
    await run('qemu-img', [
      'dd',
      '-f',
      'qcow2',
      '-O',
      'raw',
      'bs=4096',
      'count=1',
      `if=${path}`,
      `of=${flat}`,
    ]);
    assert.equal((await readFile(flat)).toString('latin1', 0, 11), 'hello guest');
    const { stdout } = await run('qemu-img', ['info', '--output=json', path]);
    assert.equal(JSON.parse(stdout)['virtual-size'], GIB);
    await run('qemu-img', ['check', '-f', 'qcow2', path]);
    assert.equal((await cached()).length, 1, 'only the base is kept');
  });
}

test('a flavor without a disk size takes the image’s', async () => {
  const sets = await newSets();
  const plan = samplePlan({ flavor: { rootGb: 0 }, image: await madeImage('qcow2', 'x', 8) });
  await sets.create({ plan, from: 'image' }, never);
  const { stdout } = await run('qemu-img', ['info', '--output=json', sets.filesOf(plan).root.path]);
  assert.equal(JSON.parse(stdout)['virtual-size'], 8 * MIB);
});

test('an image is fetched once for many disks, asked for at once or later', async () => {
  const sets = await newSets();
  const image = await madeImage('qcow2', 'shared');
  const plans = [1, 2, 3].map(() => samplePlan({ serverId: randomUUID() as never, image }));
  await Promise.all(plans.map((plan) => sets.create({ plan, from: 'image' }, never)));
  const later = samplePlan({ serverId: randomUUID() as never, image });
  await sets.create({ plan: later, from: 'image' }, never);
  assert.deepEqual(opened, [image.id]);
});

test('swap, ephemeral disk and boot files are made as the plan says', async () => {
  const sets = await newSets();
  const [kernel, ramdisk] = [imageOf(Buffer.from('kernel'), 'aki'), imageOf(Buffer.from('ramdisk'), 'ari')];
  const [kernelId, ramdiskId] = [kernel.id!, ramdisk.id!];
  const image = { ...(await madeImage('raw', 'x')), diskFormat: 'ami' as const, kernelId, ramdiskId };
  const plan = samplePlan({ flavor: { swapMb: 16, ephemeralGb: 1 }, image });
  await sets.create({ plan, from: 'image', contents: contentsOf(kernel, ramdisk) }, never);
  const files = sets.filesOf(plan);
  assert.equal(await readFile(files.kernel!, 'utf8'), 'kernel');
  assert.equal(await readFile(files.ramdisk!, 'utf8'), 'ramdisk');
  assert.equal((await stat(files.ephemeral!)).size, GIB);
  const { stdout } = await run('/sbin/blkid', ['-p', '-s', 'TYPE', '-o', 'value', files.swap!]);
  assert.equal(stdout.trim(), 'swap');
  assert.equal((await readFile(files.swap!)).toString('latin1', 4086, 4096), 'SWAPSPACE2');
  assert.equal((await stat(files.swap!)).size, 16 * MIB);
});

test('a copy keeps ephemeral data and boot files, grows, and has its own config drive', async () => {
  const sets = await newSets();
  const kernel = imageOf(Buffer.from('kernel'), 'aki');
  const image = { ...(await madeImage('raw', 'x')), kernelId: kernel.id! };
  const first = samplePlan({ flavor: { ephemeralGb: 1 }, image, configDrive: true });
  await sets.create({ plan: first, from: 'image', contents: contentsOf(kernel) }, never);
  await writeFile(sets.filesOf(first).ephemeral!, 'precious', { flag: 'r+' });
  sources.clear(); // what is copied needs no image any more
  const second = {
    ...first,
    diskSet: 'second',
    flavor: { ...first.flavor, rootGb: 2, ephemeralGb: 2, swapMb: 8 },
  };
  await sets.create({ plan: second, from: { copyOf: first.diskSet } }, never);
  const files = sets.filesOf(second);
  assert.equal((await readFile(files.kernel!)).toString(), 'kernel');
  assert.equal((await stat(files.ephemeral!)).size, 2 * GIB);
  const { stdout } = await run('head', ['-c', '8', files.ephemeral!]);
  assert.equal(stdout, 'precious');
  assert.ok((await stat(files.configDrive!)).size > 0);
  assert.ok((await stat(files.swap!)).size > 0);
  const { stdout: info } = await run('qemu-img', ['info', '--output=json', files.root.path]);
  assert.equal(JSON.parse(info)['virtual-size'], 2 * GIB);
  const smaller = { ...second, diskSet: 'third', flavor: { ...second.flavor, ephemeralGb: 1 } };
  await fails(
    'invalid',
    /Unable to resize disk down/,
    sets.create({ plan: smaller, from: { copyOf: 'second' } }, never),
  );
  assert.ok(!(await setsOf(first)).some((name) => name.startsWith('third')));
});

describe('an image that is not what it says is refused, and nothing is left', () => {
  const cases: readonly [string, RegExp, () => Promise<SampleChanges>][] = [
    [
      'another checksum',
      /came with the sha512 checksum/,
      async () => ({ image: { ...(await madeImage('raw', 'x')), hashValue: 'f'.repeat(128) } }),
    ],
    [
      'another md5, of a record that has nothing else',
      /came with the md5 checksum/,
      async () => ({
        image: { ...(await madeImage('raw', 'x')), hashValue: null, checksum: 'f'.repeat(32) },
      }),
    ],
    [
      'too few bytes',
      /came with only 4194304 bytes/,
      async () => ({ image: { ...(await madeImage('raw', 'x')), size: 5_000_000 } }),
    ],
    [
      'too many bytes',
      /came with more bytes/,
      async () => ({ image: { ...(await madeImage('raw', 'x')), size: 1000 } }),
    ],
    [
      'another format',
      /disk_format is raw, but its content is qcow2/,
      async () => ({ image: { ...(await madeImage('qcow2', 'x')), diskFormat: 'raw' } }),
    ],
    [
      'a path for a checksum',
      /is not a SHA-512/,
      async () => ({ image: { ...(await madeImage('raw', 'x')), hashValue: '../../etc/x' } }),
    ],
    [
      'a path for an md5',
      /is not an md5/,
      async () => ({ image: { ...(await madeImage('raw', 'x')), hashValue: null, checksum: '../../etc/x' } }),
    ],
    [
      'larger than the flavor',
      /^Flavor's disk is too small for requested image\./,
      async () => ({ image: await madeImage('qcow2', 'x', 2000) }),
    ],
  ];
  for (const [name, words, changes] of cases)
    test(name, async () => {
      const sets = await newSets();
      const plan = samplePlan(await changes());
      await fails('invalid', words, sets.create({ plan, from: 'image' }, never));
      assert.deepEqual(await setsOf(plan), []);
      assert.deepEqual(await cached(), []);
    });
});

test('a base that was tampered with after it was fetched is found out', async () => {
  const sets = await newSets();
  const image = await madeImage('raw', 'x');
  await sets.create({ plan: samplePlan({ image }), from: 'image' }, never);
  await writeFile(join(root, 'images', image.hashValue!), 'QFI\xfb', { encoding: 'latin1', flag: 'r+' });
  const other = samplePlan({ serverId: randomUUID() as never, image });
  await fails('invalid', /unacceptable/, sets.create({ plan: other, from: 'image' }, never));
});

test('a source that breaks off leaves nothing, and the next attempt works', async () => {
  const sets = await newSets();
  const image = await madeImage('raw', 'x');
  const whole = sources.get(image.id!)!;
  sources.set(image.id!, () =>
    Readable.from(
      (function* () {
        yield Buffer.alloc(1000);
        throw new Error('connection reset');
      })(),
    ),
  );
  const plan = samplePlan({ image });
  await fails('internal', /could not make image/, sets.create({ plan, from: 'image' }, never));
  assert.deepEqual(await cached(), []);
  sources.set(image.id!, whole);
  await sets.create({ plan, from: 'image' }, never);
});

test('what an earlier process left unfinished is cleared away', async () => {
  await mkdir(join(root, 'images'), { recursive: true });
  await writeFile(join(root, 'images', 'abc.123.partial'), 'half');
  const plan = samplePlan({ image: await madeImage('raw', 'x') });
  await mkdir(join(root, 'instances', plan.serverId, `${plan.diskSet}.partial`), { recursive: true });
  const sets = await newSets();
  assert.deepEqual(await cached(), []);
  await sets.create({ plan, from: 'image' }, never);
  assert.deepEqual(await setsOf(plan), [plan.diskSet]);
});

test('set names that are paths, or names of other things, are refused', async () => {
  const sets = await newSets();
  for (const diskSet of ['../x', 'definitions', 'all', '', 'a/b', '.hidden'])
    await fails(
      'invalid',
      /cannot be the name of a disk set/,
      sets.create({ plan: samplePlan({ diskSet }), from: 'image' }, never),
    );
});

test('a config drive is made where the plan or the configuration wants one', async () => {
  const image = await madeImage('raw', 'x');
  for (const [forced, asked] of [
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const sets = await newSets(root, forced);
    const plan = samplePlan({ serverId: randomUUID() as never, image, configDrive: asked });
    await sets.create({ plan, from: 'image' }, never);
    const wanted = forced || asked ? ['disk', 'disk.config'] : ['disk'];
    assert.deepEqual((await readdir(join(root, 'instances', plan.serverId, plan.diskSet))).sort(), wanted);
    assert.equal(sets.filesOf(plan).configDrive !== null, forced || asked);
  }
});

test('a full disk is out of space, and nothing half made is left', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async () => {
  const small = join(root, 'small');
  await mkdir(small);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'small', small]);
  try {
    const sets = await newSets(small);
    const big = imageOf(Buffer.alloc(5 * MIB, 7), 'raw');
    const plan = samplePlan({ image: big });
    await fails(
      'out-of-space',
      /no space left on the compute host/,
      sets.create({ plan, from: 'image' }, never),
    );
    assert.deepEqual(await readdir(join(small, 'images')), []);
    assert.deepEqual(await readdir(join(small, 'instances', plan.serverId)), []);

    // Fetched while small, too large once converted: qemu-img says so.
    const packed = join(root, 'packed');
    const raw = join(root, 'raw');
    await writeFile(raw, Buffer.alloc(5 * MIB, 7));
    await run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, packed]);
    const id = randomUUID() as ImageId;
    sources.set(id, () => createReadStream(packed));
    const content = await readFile(packed);
    const image = {
      id,
      diskFormat: 'qcow2' as const,
      checksum: createHash('md5').update(content).digest('hex'),
      hashValue: createHash('sha512').update(content).digest('hex'),
      size: content.length,
    };
    await fails(
      'out-of-space',
      /no space left/,
      sets.create({ plan: samplePlan({ image }), from: 'image' }, never),
    );
    assert.ok(!(await readdir(join(small, 'images'))).some((name) => name.includes('partial')));
  } finally {
    await run('umount', [small]);
  }
});
