import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure, type FailureKind } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { ImageContents } from '../../../model/image.ts';
import { DiskSets } from '../disks/disk-set.ts';
import { ImageCache } from '../disks/image-cache.ts';
import { QemuImg } from '../disks/qemu-img.ts';
import { type SampleChanges, samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { exportDisks } from './export-disks.ts';
import { type ImportParts, importDisks } from './import-disks.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const MIB = 1024 ** 2;
/** A server that boots from kernel and ramdisk. */
const boot = {
  kernelId: '70a599e0-31e7-49b7-b260-868f441e862c' as ImageId,
  ramdiskId: '70a599e0-31e7-49b7-b260-868f441e862d' as ImageId,
};
const content = Buffer.concat([randomBytes(200_000), Buffer.alloc(300_000), randomBytes(3)]);
const [md5, sha512] = ['md5', 'sha512'].map((name) => createHash(name).update(content).digest('hex')) as [
  string,
  string,
];
const size = content.length;
const image = {
  id: '70a599e0-31e7-49b7-b260-868f441e862b' as ImageId,
  ...{ checksum: md5, hashValue: sha512, size },
};
/** All images of these tests have the same data. */
const contents: ImageContents = Object.fromEntries(
  [image.id, boot.kernelId, boot.ramdiskId].map((id) => [id, { sha512, md5, size }]),
);

let root = '';
let from: ImportParts;
let to: ImportParts;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'disk-stream-'));
  from = await host('from', () => Readable.from([content]));
  to = await host('to', () => assert.fail('a move does not ask for the image'));
});
afterEach(() => rm(root, { recursive: true }));

async function host(name: string, read: () => Readable): Promise<ImportParts> {
  const instancesDir = join(root, name, 'instances');
  await mkdir(instancesDir, { recursive: true });
  const qemuImg = new QemuImg(new BubblewrapSandbox());
  const cache = new ImageCache({
    directory: join(instancesDir, '_base'),
    images: { open: async () => read() },
    inspection: { vmdkAllowedTypes: [] },
    qemuImg,
  });
  await cache.prepare();
  const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
  return { cache, instancesDir, disks: new DiskSets({ ...options, instancesDir }) };
}

function plan(changes: SampleChanges = {}): GuestPlan {
  return samplePlan({ ...changes, image: { ...image, ...changes.image } });
}

async function made(changes: SampleChanges = {}): Promise<GuestPlan> {
  const wanted = plan(changes);
  await from.disks.create({ plan: wanted, from: 'image', contents }, never);
  return wanted;
}

function file(parts: ImportParts, { serverId, diskSet }: GuestPlan, name = 'disk'): string {
  return join(parts.disks.directoryOfSet(serverId, diskSet), name);
}

async function streamOf(
  { serverId: server, diskSet: set }: GuestPlan,
  { purpose = 'move', held = [] }: { purpose?: 'move' | 'live'; held?: readonly string[] } = {},
): Promise<Buffer> {
  return buffer(await exportDisks(from, { server, set, purpose, held }, never));
}

function imported(wanted: GuestPlan, stream: Buffer, signal = never): Promise<void> {
  const data = Readable.from([stream], { objectMode: false });
  return importDisks(to, { plan: wanted, contents, data }, signal);
}

async function fails(kinds: readonly FailureKind[], work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => assert.fail(`it worked; ${kinds.join(' or ')} was expected`),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  assert.ok(kinds.includes(thrown.kind), `${thrown.kind}: ${thrown.operatorText}`);
  return thrown;
}

async function same(one: string, other: string): Promise<void> {
  await run('qemu-img', ['compare', '-f', 'qcow2', '-F', 'qcow2', one, other]);
}

async function heldBy({ cache }: ImportParts, wanted: GuestPlan): Promise<string[]> {
  using base = await cache.cachedBase(wanted.image, contents);
  return base === null ? [] : [basename(base.path)];
}

async function bytesOf(parts: ImportParts): Promise<string[]> {
  return (await readdir(parts.instancesDir, { recursive: true })).sort();
}

describe('disks that go from host to host', () => {
  it('are the same there, over the image, which goes along; nothing says the path of the other host', async () => {
    const wanted = await made({ flavor: { swapMb: 1, ephemeralGb: 1 } });
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 900M 70000', file(from, wanted)]);
    await imported(wanted, await streamOf(wanted));
    await same(file(from, wanted), file(to, wanted));
    const { stdout } = await run('qemu-img', ['info', '--backing-chain', file(to, wanted)]);
    assert.doesNotMatch(stdout, new RegExp(from.instancesDir));
    assert.match(stdout, new RegExp(join(to.instancesDir, '_base', image.hashValue)));
    for (const name of ['disk.swap', 'disk.eph0'])
      assert.equal((await stat(file(to, wanted, name))).size, (await stat(file(from, wanted, name))).size);
    assert.deepEqual(
      await readFile(file(to, wanted, 'disk.swap')),
      await readFile(file(from, wanted, 'disk.swap')),
    );
  });

  it('are sent without the image where that is held already', async () => {
    const wanted = await made();
    const first = await streamOf(wanted);
    await imported(wanted, first);
    const held = await heldBy(to, wanted);
    assert.deepEqual(held, [image.hashValue]);
    const thin = await streamOf(wanted, { held });
    assert.ok(first.length - thin.length > 200_000, 'the image is left out');
    await to.disks.delete(wanted.serverId, 'all');
    await imported(wanted, thin);
    await same(file(from, wanted), file(to, wanted));
    await rm(join(to.instancesDir, '_base', image.hashValue));
    await to.disks.delete(wanted.serverId, 'all');
    await fails(['unavailable'], imported(wanted, thin));
  });

  for (const purpose of ['move', 'live'] as const)
    it(`have a kernel and a ramdisk of their own (${purpose})`, async () => {
      if (purpose === 'live') to = { ...to, instancesDir: from.instancesDir };
      const wanted = await made({ image: boot });
      await imported(wanted, await streamOf(wanted, { purpose }));
      for (const name of ['kernel', 'ramdisk']) {
        assert.deepEqual(await readFile(file(to, wanted, name)), content, name);
        for (const host of [from, to])
          assert.equal((await stat(file(host, wanted, name))).nlink, 1, 'no other guest has the same file');
      }
    });

  it('that stand alone need no image', async () => {
    const wanted = await made();
    const path = file(from, wanted);
    await run('qemu-img', ['rebase', '-f', 'qcow2', '-b', '', path]);
    await imported(wanted, await streamOf(wanted));
    await same(path, file(to, wanted));
    assert.deepEqual(await heldBy(to, wanted), []);
  });

  it('have their holes there, too, and are sent without them', async () => {
    const wanted = await made({ flavor: { ephemeralGb: 2 } });
    const ephemeral = await open(file(from, wanted, 'disk.eph0'), 'r+');
    const written = randomBytes(5000);
    await ephemeral.write(written, 0, written.length, 1500 * MIB + 77);
    await ephemeral.close();
    const stream = await streamOf(wanted);
    assert.ok(stream.length < 2 * MIB, `${stream.length} bytes`);
    await imported(wanted, stream);
    const there = await open(file(to, wanted, 'disk.eph0'), 'r');
    const read = Buffer.alloc(written.length);
    await there.read(read, 0, read.length, 1500 * MIB + 77);
    assert.deepEqual(read, written);
    assert.ok((await there.stat()).blocks * 512 < MIB);
    await there.close();
  });

  it('are grown with the flavor, never made smaller, and get a config drive of their own', async () => {
    const wanted = await made({ configDrive: true, flavor: { rootGb: 2 } });
    const stream = await streamOf(wanted);
    const smaller = { ...wanted, flavor: { ...wanted.flavor, rootGb: 1 } };
    await fails(['invalid'], imported(smaller, stream));
    assert.deepEqual(
      (await bytesOf(to)).filter((name) => name.includes(wanted.diskSet)),
      [],
    );
    await imported({ ...wanted, flavor: { ...wanted.flavor, rootGb: 3, ephemeralGb: 1 } }, stream);
    const { stdout } = await run('qemu-img', ['info', '--output=json', file(to, wanted)]);
    assert.equal((JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'], 3 * 1024 ** 3);
    assert.equal((await stat(file(to, wanted, 'disk.eph0'))).size, 1024 ** 3);
    const [old, anew] = await Promise.all(
      [from, to].map((one) => readFile(file(one, wanted, 'disk.config'))),
    );
    assert.notDeepEqual(anew, old);
  });

  it('whose flavor has no size of its own stay as large as they are', async () => {
    const wanted = await made({ flavor: { rootGb: 0 } });
    await imported(wanted, await streamOf(wanted));
    await same(file(from, wanted), file(to, wanted));
  });

  it('are not read where the set is', async () => {
    const wanted = await made();
    await imported(wanted, await streamOf(wanted));
    await imported(wanted, Buffer.from('something else'));
  });
});

describe('what a live migration finds at its destination', () => {
  it('is the config drive as it is, and empty disks of the same sizes', async () => {
    const wanted = await made({ configDrive: true, flavor: { swapMb: 3 } });
    to = { ...to, instancesDir: from.instancesDir };
    await imported(wanted, await streamOf(wanted, { purpose: 'live' }));
    const [old, there] = await Promise.all(
      [from, to].map((one) => readFile(file(one, wanted, 'disk.config'))),
    );
    assert.deepEqual(there, old, 'the guest may have it mounted');
    const { stdout } = await run('qemu-img', ['info', '--output=json', file(to, wanted)]);
    const { 'virtual-size': size, ...info } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(size, 1024 ** 3);
    assert.equal(info['backing-filename'], undefined);
    assert.equal((await stat(file(to, wanted, 'disk.swap'))).size, 3 * MIB);
  });

  it('is refused where files have other paths', async () => {
    const wanted = await made();
    const stream = await streamOf(wanted, { purpose: 'live' });
    const failure = await fails(['conflict'], imported(wanted, stream));
    assert.match(
      failure.operatorText,
      /instances_path is .*from\/instances at the source and .*to\/instances at/,
    );
  });
});

describe('a stream of disks', () => {
  it('that breaks off anywhere leaves nothing', async () => {
    const wanted = await made();
    const stream = await streamOf(wanted);
    await fc.assert(
      fc.asyncProperty(fc.nat(stream.length - 1), async (length) => {
        await fails(['unavailable'], imported(wanted, stream.subarray(0, length)));
        assert.deepEqual(
          (await bytesOf(to)).filter((name) => name.includes(wanted.diskSet)),
          [],
        );
      }),
      { numRuns: 30 },
    );
  });

  it('that is damaged anywhere leaves nothing, nor a false image', async () => {
    const wanted = await made();
    const stream = await streamOf(wanted);
    const start = 8 + 5 + stream.readUInt32BE(8);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start, max: stream.length - 1 }), fc.nat(7), async (at, bit) => {
        const damaged = Buffer.from(stream);
        damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << bit), at);
        await fails(['invalid', 'unavailable'], imported(wanted, damaged));
        assert.deepEqual(
          (await bytesOf(to)).filter((name) => name.includes(wanted.diskSet)),
          [],
        );
        for (const name of await heldBy(to, wanted))
          assert.deepEqual(await readFile(join(to.instancesDir, '_base', name)), content);
      }),
      { numRuns: 60 },
    );
  });

  it('of any bytes is refused', async () => {
    const wanted = plan();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, begins) => {
        const stream = Buffer.concat([Buffer.from(begins ? 'NPDISKS2' : ''), bytes]);
        await fails(['invalid', 'unavailable'], imported(wanted, stream));
      }),
      { numRuns: 50 },
    );
  });

  it('may come in pieces of any size', async () => {
    const wanted = await made();
    const stream = await streamOf(wanted);
    for (const size of [61, 4096, 65_537]) {
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      const data = Readable.from(pieces, { objectMode: false });
      await importDisks(to, { plan: wanted, contents, data }, never);
      await same(file(from, wanted), file(to, wanted));
      await rm(join(to.instancesDir, '_base', image.hashValue));
      await to.disks.delete(wanted.serverId, 'all');
    }
  });

  it('of a set that is not there is not found', async () => {
    await fails(['not-found'], streamOf(plan()));
  });
});
