import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure, type FailureKind } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import { contentOf, type DiskFormat, type ImageContents } from '../../../model/image.ts';
import { DiskSets } from '../disks/disk-set.ts';
import { ImageCache } from '../disks/image-cache.ts';
import { overlayBytes, writeOverlay } from '../disks/overlay.ts';
import { QemuImg } from '../disks/qemu-img.ts';
import { type SampleChanges, samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { ContentSum, frame, jsonFrame, numberBytes, type SentFile, STREAM_MAGIC } from './disk-stream.ts';
import { exportDisks } from './export-disks.ts';
import { type ImportParts, importDisks } from './import-disks.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const qemuImg = new QemuImg(new BubblewrapSandbox());
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** The data of the image: raw, with something at the beginning to know it by. */
const data = Buffer.concat([Buffer.from('the true image'), Buffer.alloc(MIB - 14)]);

let root = '';
let to: ImportParts;
/** A file of the host that no guest may read. */
let secret = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-source-'));
  secret = join(root, 'shadow');
  await writeFile(secret, Buffer.concat([Buffer.from('the secret of the host'), Buffer.alloc(MIB)]));
  const instancesDir = join(root, 'instances');
  await mkdir(instancesDir);
  const cache = new ImageCache({
    directory: join(instancesDir, '_base'),
    images: { open: async () => Readable.from([data]) },
    inspection: { vmdkAllowedTypes: ['monolithicFlat', 'monolithicSparse'] },
    qemuImg,
  });
  await cache.prepare();
  const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
  to = { cache, instancesDir, disks: new DiskSets({ ...options, instancesDir }) };
});
afterEach(() => rm(root, { recursive: true }));

function planOf(diskFormat: DiskFormat = 'raw', changes: SampleChanges = {}): GuestPlan {
  const sum = (name: string) => createHash(name).update(data).digest('hex');
  const image = { diskFormat, checksum: sum('md5'), hashValue: sum('sha512'), size: data.length };
  return samplePlan({ serverId: randomUUID() as ServerId, ...changes, image });
}

/** What the control plane says with a plan. */
function contentsOf({ image }: GuestPlan): ImageContents {
  return { [image.id]: contentOf(image) };
}

type Named = Partial<Record<string, unknown>> & { readonly kind: string; readonly name: string };

/** The frames of a file with content, as a source writes them that may say of it what it likes. */
function sent(file: Named, content: Buffer, at = 0): Buffer {
  const described = { size: content.length, ...file };
  const sum = new ContentSum();
  const pieces: Buffer[] = [];
  for (let from = 0; from < content.length; from += MIB) {
    const piece = [numberBytes(at + from), content.subarray(from, from + MIB)];
    sum.add(...piece);
    pieces.push(frame('data', ...piece));
  }
  const head = jsonFrame('file', described as unknown as SentFile);
  return Buffer.concat([head, ...pieces, frame('sum', sum.end(sizeOf(described)))]);
}

/** The size that a file says it has, where that is one. */
function sizeOf({ size }: { readonly size: unknown }): number {
  return typeof size === 'number' && size >= 0 && Number.isInteger(size) ? size : 0;
}

const rootDisk = (content: Buffer) => sent({ kind: 'content', name: 'disk' }, content);
const baseOf = (plan: GuestPlan, content: Buffer) =>
  sent({ kind: 'base', name: plan.image.hashValue as string, sent: true }, content);

function streamOf(files: readonly Buffer[], purpose: 'move' | 'live' = 'move'): Buffer {
  const start = jsonFrame('start', { purpose, instancesDir: to.instancesDir });
  return Buffer.concat([STREAM_MAGIC, start, ...files, frame('end')]);
}

function imported(plan: GuestPlan, stream: Buffer | Readable): Promise<void> {
  const bytes = Buffer.isBuffer(stream) ? Readable.from([stream], { objectMode: false }) : stream;
  return importDisks(to, { plan, contents: contentsOf(plan), data: bytes }, never);
}

/** Disks that are refused leave nothing of the set, nothing in the cache, and nothing beside them. */
async function refused(plan: GuestPlan, stream: Buffer | Readable, kinds: FailureKind[] = ['invalid']) {
  const before = await readdir(root);
  const thrown = await imported(plan, stream).then(
    () => assert.fail('the disks were taken in'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  assert.ok(kinds.includes(thrown.kind), `${thrown.kind}: ${thrown.operatorText}`);
  assert.ok(thrown.operatorText.length < 1000, 'what it says of the stream is bounded');
  const left = await readdir(to.instancesDir, { recursive: true });
  assert.deepEqual(
    left.filter((name) => name.includes('/') && name !== join('_base', plan.image.hashValue as string)),
    [],
  );
  assert.deepEqual(await readdir(root), before);
  return thrown;
}

function diskOver(backingFile: string | null, size = GIB): Buffer {
  const { head, length } = overlayBytes({ size, backingFile });
  return Buffer.concat([head, Buffer.alloc(length - head.length)]);
}

async function fileOf(...args: string[]): Promise<Buffer> {
  const path = join(root, `made-${randomUUID()}`);
  await run('qemu-img', ['create', '-q', ...args.slice(0, -1), path, args.at(-1) as string]);
  const content = await readFile(path);
  await rm(path);
  return content;
}

/** What the guest would read at the beginning of its disk. */
async function readThrough(plan: GuestPlan): Promise<string> {
  const flat = join(root, 'flat');
  const from = to.disks.filesOf(plan).root.path;
  await run('qemu-img', ['dd', '-f', 'qcow2', '-O', 'raw', 'bs=4096', 'count=1', `if=${from}`, `of=${flat}`]);
  const text = (await readFile(flat)).toString('latin1').replace(/\0.*$/s, '');
  await rm(flat);
  return text;
}

async function cached(): Promise<string[]> {
  return readdir(join(to.instancesDir, '_base'));
}

describe('a root disk from another host', () => {
  it('that keeps its data in a file of this host is refused', async () => {
    const own = join(root, 'data');
    const disk = await fileOf('-f', 'qcow2', '-o', `data_file=${own},data_file_raw=on`, '1G');
    await rm(own);
    const named = Buffer.from(disk.toString('latin1').replaceAll(own, secret.slice(0, own.length)), 'latin1');
    const failure = await refused(planOf(), streamOf([rootDisk(named)]));
    assert.match(failure.operatorText, /incompatible features 0x4/);
  });

  it('that is over a file of this host is refused when no image comes along', async () => {
    await refused(planOf(), streamOf([rootDisk(diskOver(secret))]));
    await refused(planOf(), streamOf([rootDisk(diskOver(`json:{"file.filename":"${secret}"}`))]));
  });

  it('that names a file of this host is over its image instead', async () => {
    const plan = planOf();
    await imported(plan, streamOf([baseOf(plan, data), rootDisk(diskOver(secret))]));
    assert.equal(await readThrough(plan), 'the true image');
  });

  it('is over a raw file, whatever format its header names', async () => {
    const inner = await fileOf('-f', 'qcow2', '-o', `backing_file=${secret},backing_fmt=raw`, '1G');
    for (const format of ['qcow2', 'vmdk', 'vpc', 'luks', '']) {
      const plan = planOf();
      const disk = diskOver('/any');
      disk.write(format.padEnd(8, '\0'), 112, 'latin1');
      disk.writeUInt32BE(format.length, 108);
      await refused(plan, streamOf([baseOf(plan, inner), rootDisk(disk)]));
      await imported(plan, streamOf([baseOf(plan, data), rootDisk(disk)]));
      assert.equal(await readThrough(plan), 'the true image', format);
      await to.disks.delete(plan.serverId, 'all');
      await rm(join(to.instancesDir, '_base'), { recursive: true });
      await mkdir(join(to.instancesDir, '_base'));
    }
  });

  it('keeps none of the extensions and features that its header had', async () => {
    const plan = planOf();
    const disk = diskOver(null);
    disk.writeUInt32BE(0x44415441, 104); // the name of an external data file
    disk.writeUInt32BE(secret.length, 108);
    disk.write(secret, 112, 'latin1');
    disk.writeBigUInt64BE(0xffffffffffffffffn, 88); // autoclear features
    await imported(plan, streamOf([rootDisk(disk)]));
    const there = await readFile(to.disks.filesOf(plan).root.path);
    assert.ok(!there.includes(secret));
    await run('qemu-img', ['check', '-f', 'qcow2', to.disks.filesOf(plan).root.path]);
  });

  it('of another format or of none is refused', async () => {
    const flat = `# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 2048 FLAT "${secret}" 0\n`;
    const others = [Buffer.from(flat), randomBytes(5000), Buffer.alloc(0), diskOver(null).subarray(0, 90)];
    for (const format of ['vmdk', 'vdi', 'vpc', 'qed', 'parallels', 'luks'])
      if (format !== 'luks') others.push(await fileOf('-f', format, '16M'));
    others.push(await fileOf('-f', 'qcow2', '-o', 'compat=0.10', '16M'));
    others.push(await fileOf('-f', 'qcow2', '-o', 'extended_l2=on', '16M'));
    others.push(await fileOf('-f', 'qcow2', '-o', 'compression_type=zstd', '16M'));
    for (const disk of others) await refused(planOf(), streamOf([rootDisk(disk)]));
  });

  it('larger than the flavor is refused, by its header and by its file', async () => {
    await refused(planOf(), streamOf([rootDisk(diskOver(null, 2 * GIB))]));
    const said = { kind: 'content', name: 'disk', size: 2 * GIB } as const;
    await refused(planOf(), streamOf([sent(said, diskOver(null))]));
  });
});

describe('an image from another host', () => {
  it('enters the cache only if its SHA-512 is that of the record', async () => {
    const plan = planOf();
    await imported(plan, streamOf([baseOf(plan, data), rootDisk(diskOver('/any'))]));
    assert.deepEqual(await cached(), [plan.image.hashValue]);
  });

  for (const format of ['raw', 'qcow2', 'vmdk'] as const)
    it(`that is not the true one is its server's alone, and later servers of the ${format} image get the true one`, async () => {
      const [plan, later] = [planOf(format), planOf('raw')];
      const name = `${plan.image.hashValue}${format === 'raw' ? '' : `.${format}`}`;
      const said = { kind: 'base', name, sent: true } as const;
      const false_ = Buffer.concat([Buffer.from('a false image'), Buffer.alloc(MIB - 13)]);
      await imported(plan, streamOf([sent(said, false_), rootDisk(diskOver('/any'))]));
      assert.deepEqual(await cached(), []);
      assert.equal(await readThrough(plan), 'a false image');
      await to.disks.create({ plan: later, from: 'image', contents: contentsOf(later) }, never);
      assert.equal(await readThrough(later), 'the true image');
      assert.deepEqual(await cached(), [later.image.hashValue]);
    });

  it('that is its server’s alone goes with the server: copied, moved on, and deleted with it', async () => {
    const plan = planOf('qcow2');
    const said = { kind: 'base', name: 'disk.base', sent: true } as const;
    await imported(plan, streamOf([sent(said, data), rootDisk(diskOver('/any'))]));
    const second = { ...plan, diskSet: 'second', flavor: { ...plan.flavor, rootGb: 2 } };
    await to.disks.create({ plan: second, from: { copyOf: plan.diskSet } }, never);
    await to.disks.delete(plan.serverId, plan.diskSet);
    assert.equal(await readThrough(second), 'the true image');
    const { serverId: server } = plan;
    const moved = await buffer(
      await exportDisks(to, { server, set: 'second', purpose: 'move', held: [] }, never),
    );
    await to.disks.delete(server, 'all');
    await imported({ ...second, diskSet: 'third' }, moved);
    assert.equal(await readThrough({ ...second, diskSet: 'third' }), 'the true image');
    await to.disks.delete(server, 'all');
    assert.deepEqual(await readdir(to.instancesDir), ['_base']);
  });

  it('that is said to be here is only the one of the plan’s image', async () => {
    const [plan, other] = [planOf(), planOf()];
    await to.disks.create({ plan: other, from: 'image', contents: contentsOf(other) }, never);
    await to.disks.delete(other.serverId, 'all');
    for (const name of ['../../shadow', secret, 'a'.repeat(128), '0'.repeat(32), '']) {
      const file = { kind: 'base', name, size: data.length, sent: false } as const;
      const stream = streamOf([jsonFrame('file', file), rootDisk(diskOver('/any'))]);
      await assert.rejects(imported(plan, stream), { kind: 'unavailable' });
    }
    assert.deepEqual(await cached(), [plan.image.hashValue], 'the true one stays');
  });
});

describe('a stream from another host', () => {
  const disk = rootDisk(diskOver(null));

  it('has only files of the plan’s disk set, each once', async () => {
    const names = [
      '../shadow',
      '../../shadow',
      '/etc/passwd',
      '.',
      '..',
      '',
      'disk/x',
      'definitions',
      'disk\0',
    ];
    for (const name of [...names, 'disk.base', 'disk.config', 'console.log', 'mark-x', 'x'.repeat(100_000)])
      for (const kind of ['content', 'empty', 'boot', 'base']) {
        if (kind === 'base') continue; // its name is no name here
        const about = { kind, name, format: 'raw', sum: 'x', sent: true };
        await refused(planOf(), streamOf([disk, sent(about, Buffer.from('x'))]));
      }
    await refused(planOf(), streamOf([disk, disk]));
    for (const name of ['kernel', 'ramdisk'])
      await refused(
        planOf(),
        streamOf([disk, sent({ kind: 'boot', name, sum: 'x', sent: true }, Buffer.from('x'))]),
      );
    const plan = planOf();
    await refused(plan, streamOf([baseOf(plan, data), baseOf(plan, data), disk]));
    const variables = { kind: 'content', name: 'nvram.fd' };
    const { image } = planOf();
    const uefi = { ...plan, image: { ...image, properties: { hw_firmware_type: 'uefi' } } };
    await refused(plan, streamOf([disk, sent(variables, Buffer.alloc(1))]));
    await refused(uefi, streamOf([disk, sent(variables, Buffer.alloc(8 * MIB + 1))]));
    await refused(
      uefi,
      streamOf([disk, sent({ ...variables, kind: 'empty', format: 'raw' }, Buffer.alloc(1))]),
    );
    await refused(uefi, streamOf([sent(variables, Buffer.alloc(1))], 'live'));
  });

  it('has all files of the plan’s disk set', async () => {
    await refused(planOf(), streamOf([]));
    await refused(planOf(), streamOf([], 'live'));
    const empty = { kind: 'empty', name: 'disk', size: GIB, format: 'qcow2' } as const;
    await refused(planOf('raw', { flavor: { swapMb: 1 } }), streamOf([jsonFrame('file', empty)], 'live'));
  });

  it('has no file for a live migration that is larger, or of another format, than the plan says', async () => {
    const live = (file: Record<string, unknown>) =>
      streamOf([jsonFrame('file', { kind: 'empty', name: 'disk', ...file } as unknown as SentFile)], 'live');
    await refused(planOf(), live({ size: GIB + 1, format: 'qcow2' }));
    await refused(planOf(), live({ size: 2 ** 50, format: 'qcow2' }));
    await refused(planOf(), live({ size: GIB, format: 'raw' }));
    await refused(planOf(), live({ size: GIB, format: 'vmdk' }));
    await refused(planOf(), streamOf([disk], 'live'));
    await refused(planOf(), streamOf([baseOf(planOf(), data)], 'live'));
  });

  it('has data only within the size of its file, in order', async () => {
    const about = { kind: 'content', name: 'disk', size: 1000 };
    for (const at of [1000, 500, 2 ** 40, Number.MAX_SAFE_INTEGER])
      await refused(planOf(), streamOf([sent(about, Buffer.alloc(501, 1), at)]));
    const far = frame('data', Buffer.from('ffffffffffffffff', 'hex'), Buffer.from('x'));
    await refused(planOf(), streamOf([jsonFrame('file', about as SentFile), far]));
    for (const size of [-1, 0.5, 2 ** 53, 2 ** 50 + 1, '1000', null, {}])
      await refused(planOf(), streamOf([sent({ ...about, size }, Buffer.from('x'))]));
  });

  it('that never ends is given up after what the plan has room for', async () => {
    const start = jsonFrame('start', { purpose: 'move', instancesDir: to.instancesDir });
    const file = jsonFrame('file', { kind: 'content', name: 'disk', size: 100 });
    const endless = {
      'of one file': (at: number) => frame('data', numberBytes(at), Buffer.from('x')),
      'of empty data': () => frame('data', numberBytes(0)),
      'of files': () => file,
      'of starts': () => start,
      'of sums': () => frame('sum', Buffer.alloc(32)),
      'of one frame': () => Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0]),
    };
    for (const [name, next] of Object.entries(endless)) {
      let pulled = 0;
      const chunks = (function* () {
        yield Buffer.concat([STREAM_MAGIC, start, file]);
        for (let at = 0; ; at++) {
          pulled++;
          yield next(at);
        }
      })();
      await refused(planOf(), Readable.from(chunks, { objectMode: false }));
      assert.ok(pulled < 2000, `${name}: ${pulled} pieces`);
    }
  });

  it('of any frames changes nothing outside of its set', async () => {
    const known = ['disk', 'disk.config', 'disk.swap', 'disk.eph0', 'kernel', 'ramdisk', 'disk.base'];
    const file = fc.record({
      kind: fc.constantFrom('base', 'boot', 'content', 'empty', 'link'),
      name: fc.oneof(fc.constantFrom(...known, '../shadow', '/tmp/x'), fc.string({ maxLength: 20 })),
      format: fc.constantFrom('qcow2', 'raw', 'vmdk'),
      sum: fc.string({ maxLength: 5 }),
      sent: fc.boolean(),
    });
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(diskOver(null), diskOver('/etc/hostname'), data),
    );
    const files = fc.array(fc.tuple(file, content), { maxLength: 5 });
    const before = await readFile(secret);
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom('move', 'live'), async (all, purpose) => {
        const plan = planOf('raw', { flavor: { swapMb: 1, ephemeralGb: 1 } });
        const stream = streamOf(
          all.map(([about, bytes]) => sent(about, bytes)),
          purpose,
        );
        await imported(plan, stream).catch((error: unknown) =>
          assert.ok(error instanceof Failure, String(error)),
        );
        assert.deepEqual(await readdir(root), ['instances', 'shadow']);
        assert.deepEqual(await readFile(secret), before);
        for (const name of await cached()) assert.equal(name, plan.image.hashValue);
        await to.disks.delete(plan.serverId, 'all');
        assert.deepEqual(await readdir(to.instancesDir), ['_base']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a disk whose guest took over its QEMU process', () => {
  it('gives no file of the host away when it is moved', async () => {
    const plan = planOf();
    await to.disks.create({ plan, from: 'image', contents: contentsOf(plan) }, never);
    const { path } = to.disks.filesOf(plan).root;
    const wanted = { server: plan.serverId, set: plan.diskSet, purpose: 'move', held: [] } as const;
    for (const named of [secret, '../../shadow', `json:{"file.filename":"${secret}"}`, '/dev/mem', '_base']) {
      await rm(path);
      await writeOverlay(path, { size: GIB, backingFile: named });
      await assert.rejects(exportDisks(to, wanted, never), /not an image of this host/);
    }
  });

  it('reads no other image of the cache, whether it is moved, copied for a resize or defined anew', async () => {
    const plan = planOf();
    await to.disks.create({ plan, from: 'image', contents: contentsOf(plan) }, never);
    const { path } = to.disks.filesOf(plan).root;
    const { serverId: server, diskSet: set, image } = plan;
    const wanted = { server, set, image, purpose: 'move', held: [] } as const;
    await buffer(await exportDisks(to, wanted, never));
    const foreign = await readFile(secret);
    for (const ending of ['', '.qcow2', '.vmdk']) {
      const name = createHash('sha512').update(foreign).digest('hex') + ending;
      await writeFile(join(to.cache.directory, name), foreign);
      await rm(path);
      await writeOverlay(path, { size: GIB, backingFile: join(to.cache.directory, name) });
      await assert.rejects(exportDisks(to, wanted, never), /is not that of image/);
      const copy = to.disks.create({ plan: { ...plan, diskSet: 'copy' }, from: { copyOf: set } }, never);
      await assert.rejects(copy, { kind: 'invalid' });
      await assert.rejects(to.disks.baseOf(plan), { kind: 'invalid' });
    }
  });

  it('shares neither kernel nor disc with another guest, nor with the cache', async () => {
    const plan = planOf('iso');
    const disc = Buffer.alloc(40_000);
    disc.write('\x01CD001\x01', 32768, 'latin1');
    const iso = {
      ...plan.image,
      size: disc.length,
      hashValue: createHash('sha512').update(disc).digest('hex'),
    };
    const cache = new ImageCache({
      directory: join(to.instancesDir, '_base'),
      images: { open: async () => Readable.from([disc]) },
      inspection: { vmdkAllowedTypes: [] },
      qemuImg,
    });
    const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
    const disks = new DiskSets({ ...options, instancesDir: to.instancesDir });
    const booted = { ...plan, image: { ...iso, kernelId: iso.id, ramdiskId: iso.id } };
    await disks.create({ plan: booted, from: 'image', contents: { [iso.id]: contentOf(iso) } }, never);
    const copied = { ...booted, diskSet: 'copy' };
    await disks.create({ plan: copied, from: { copyOf: booted.diskSet } }, never);
    for (const { root: disk, kernel, ramdisk } of [disks.filesOf(booted), disks.filesOf(copied)])
      for (const path of [disk.path, kernel, ramdisk]) {
        assert.equal((await stat(path as string)).nlink, 1, path as string);
        assert.deepEqual(await readFile(path as string), disc);
      }
  });
});
