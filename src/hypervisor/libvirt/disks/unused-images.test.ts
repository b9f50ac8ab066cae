import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ImageId, ServerId } from '../../../model/ids.ts';
import { samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { DiskSets } from './disk-set.ts';
import { DISK_FILES } from './file-names.ts';
import { ImageCache } from './image-cache.ts';
import { overlayBytes, writeOverlay } from './overlay.ts';
import { QemuImg } from './qemu-img.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const qemuImg = new QemuImg(new BubblewrapSandbox());
const DAY_MS = 24 * 60 * 60 * 1000;

let root = '';
let cache: ImageCache;
let sets: DiskSets;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unused-images-'));
  ({ cache, sets } = await openHost());
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** What a process that starts on this host has. */
async function openHost(): Promise<{ cache: ImageCache; sets: DiskSets }> {
  const opened = new ImageCache({
    directory: join(root, '_base'),
    images: { open: async (id) => Readable.from([dataOf(id)]) },
    inspection: { vmdkAllowedTypes: [] },
    qemuImg,
  });
  await opened.prepare();
  const options = { qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
  return { cache: opened, sets: new DiskSets({ ...options, cache: opened, instancesDir: root }) };
}

/** Each image's data says whose it is, in a MiB. */
function dataOf(id: ImageId): Buffer {
  const data = Buffer.alloc(1024 * 1024);
  data.write(`data of ${id}`);
  return data;
}

function planOver(id: ImageId, server = randomUUID() as ServerId): GuestPlan {
  const data = dataOf(id);
  const sum = (name: string) => createHash(name).update(data).digest('hex');
  const image = { id, checksum: sum('md5'), hashValue: sum('sha512'), size: data.length };
  return samplePlan({ serverId: server, image });
}

const newImage = () => randomUUID() as ImageId;
const create = (plan: GuestPlan) => sets.create({ plan, from: 'image' }, never);
const nameOf = ({ image }: GuestPlan) => image.hashValue as string;
const cached = async () => (await readdir(join(root, '_base'))).sort();

/** What the guest of a disk set would read at the beginning of its disk. */
async function readThrough(plan: GuestPlan): Promise<string> {
  const flat = join(root, `${randomUUID()}.flat`);
  const from = sets.filesOf(plan).root.path;
  await run('qemu-img', ['dd', '-f', 'qcow2', '-O', 'raw', 'bs=4096', 'count=1', `if=${from}`, `of=${flat}`]);
  const { stdout } = await run('head', ['-c', '60', flat]);
  await rm(flat);
  return stdout.replaceAll('\0', '');
}

describe('an image that no disk is over', () => {
  it('is removed when it was not used for long enough, and fetched again when it is needed', async () => {
    const plan = planOver(newImage());
    await create(plan);
    await sets.delete(plan.serverId, 'all');
    assert.deepEqual(await cache.removeUnused(root, DAY_MS), [], 'it was used just now');
    const before = new Date(Date.now() - 2 * DAY_MS);
    await utimes(join(root, '_base', nameOf(plan)), before, before);
    assert.deepEqual(await cache.removeUnused(root, DAY_MS), [nameOf(plan)]);
    assert.deepEqual(await cached(), []);
    await create(plan);
    assert.equal(await readThrough(plan), `data of ${plan.image.id}`);
  });

  it('is removed whatever a guest prints, writes to its other disks, or has for a kernel', async () => {
    const [plan, unused] = [planOver(newImage()), planOver(newImage())];
    await create(plan);
    const before = new Date(Date.now() - 2 * DAY_MS);
    const misleading = overlayBytes({ size: 1024, backingFile: nameOf(unused) }).head;
    const { kernel, ramdisk, swap, ephemeral } = DISK_FILES;
    const others = [kernel, ramdisk, swap, ephemeral].map((name) =>
      join(root, plan.serverId, plan.diskSet, name),
    );
    const logs = ['', '.0', '.1'].map((ending) => join(root, plan.serverId, `console.log${ending}`));
    for (const content of [
      misleading,
      ...[4, 8, 15, 19, 20].map((length) => misleading.subarray(0, length)),
    ]) {
      for (const path of [...others, ...logs]) await writeFile(path, content);
      await create(unused);
      await sets.delete(unused.serverId, 'all');
      await utimes(join(root, '_base', nameOf(unused)), before, before);
      assert.deepEqual(await cache.removeUnused(root, DAY_MS), [nameOf(unused)]);
    }
    assert.deepEqual(await cached(), [nameOf(plan)]);
  });

  it('counts as used when a host looks it up for a move or a server', async () => {
    const plan = planOver(newImage());
    await create(plan);
    await sets.delete(plan.serverId, 'all');
    const before = new Date(Date.now() - 2 * DAY_MS);
    await utimes(join(root, '_base', nameOf(plan)), before, before);
    (await cache.cachedBase(plan.image, {}))?.[Symbol.dispose]();
    assert.deepEqual(await cache.removeUnused(root, DAY_MS), []);
  });

  it('is removed with its old names of release 0.1, and files that are not of the cache stay', async () => {
    const [md5, boot] = ['0'.repeat(32), `boot-${randomUUID()}`];
    for (const name of [md5, `${md5}.qcow2`, boot, `${boot}.${'a'.repeat(64)}`, 'notes.txt', 'ab.raw'])
      await writeFile(join(root, '_base', name), 'x');
    await cache.removeUnused(root, 0);
    assert.deepEqual(await cached(), ['ab.raw', 'notes.txt']);
  });
});

describe('an image that a disk is over', () => {
  const places: readonly [string, (plan: GuestPlan) => Promise<void>][] = [
    [
      'of a set that is kept for going back',
      async (plan) => {
        const second = { ...plan, diskSet: 'second' };
        await sets.create({ plan: second, from: { copyOf: plan.diskSet } }, never);
        await sets.delete(plan.serverId, plan.diskSet);
      },
    ],
    [
      'of a set that is only half made',
      async (plan) => {
        const set = sets.directoryOfSet(plan.serverId, plan.diskSet);
        await rename(set, `${set}.partial`);
      },
    ],
    [
      'that an operator put aside',
      async (plan) => {
        await mkdir(join(root, 'aside'));
        await rename(sets.filesOf(plan).root.path, join(root, 'aside', 'kept.qcow2'));
      },
    ],
    [
      'which names it by another path of the same folder',
      async (plan) => {
        const { path } = sets.filesOf(plan).root;
        await rm(path);
        await writeOverlay(path, { size: 1024 * 1024, backingFile: `/elsewhere/_base/${nameOf(plan)}` });
      },
    ],
    [
      'of release 0.1, which names it by its md5',
      async (plan) => {
        const { path } = sets.filesOf(plan).root;
        const old = join(root, '_base', plan.image.checksum);
        await rename(join(root, '_base', nameOf(plan)), old);
        await rm(path);
        await writeOverlay(path, { size: 1024 * 1024, backingFile: old });
      },
    ],
  ];
  for (const [name, change] of places)
    it(`stays: ${name}`, async () => {
      const plan = planOver(newImage());
      await create(plan);
      await change(plan);
      const before = await cached();
      assert.deepEqual(await cache.removeUnused(root, 0), []);
      assert.deepEqual(await cached(), before);
    });

  it('stays with all others when a disk cannot be read', async () => {
    const [plan, other] = [planOver(newImage()), planOver(newImage())];
    await create(plan);
    await create(other);
    await sets.delete(other.serverId, 'all');
    await truncate(sets.filesOf(plan).root.path, 10);
    await assert.rejects(cache.removeUnused(root, 0));
    assert.deepEqual(await cached(), [nameOf(plan), nameOf(other)].sort());
  });
});

describe('the search for unused images', () => {
  it('that a crash broke off has lost nothing', async () => {
    const plan = planOver(newImage());
    await create(plan);
    const path = join(root, '_base', nameOf(plan));
    await rename(path, `${path}.unused`);
    await openHost();
    assert.equal(await readThrough(plan), `data of ${plan.image.id}`);
    // Both names, as after a power failure in between.
    await link(path, `${path}.unused`);
    await openHost();
    assert.deepEqual(await cached(), [nameOf(plan)]);
  });

  it('brings an image back that another host with the same folder has begun to use', async () => {
    const plan = planOver(newImage());
    await create(plan);
    await sets.delete(plan.serverId, 'all');
    const before = new Date(Date.now() - 2 * DAY_MS);
    await utimes(join(root, '_base', nameOf(plan)), before, before);
    const { sets: ofOther } = await openHost();
    await Promise.all([
      ofOther.create({ plan, from: 'image' }, never),
      ...Array.from({ length: 5 }, () => cache.removeUnused(root, DAY_MS)),
    ]);
    await cache.removeUnused(root, DAY_MS);
    assert.equal(await readThrough(plan), `data of ${plan.image.id}`);
  });

  it('takes no image from a server, whatever else is done to servers at the same time', async () => {
    const images = [newImage(), newImage()];
    madeOf.clear();
    const servers = [randomUUID(), randomUUID(), randomUUID()] as ServerId[];
    const step = fc.record({
      server: fc.constantFrom(...servers),
      image: fc.constantFrom(...images),
      what: fc.constantFrom('create', 'copy', 'delete', 'cache'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 8 }), async (rounds) => {
        for (const round of rounds) {
          const perServer = servers.map((server) => inTurn(round.filter((one) => one.server === server)));
          await Promise.all([...perServer, cache.removeUnused(root, 0), cache.removeUnused(root, 0)]);
        }
        for (const server of servers) {
          for (const diskSet of (await sets.list()).find(({ serverId }) => serverId === server)?.sets ?? []) {
            const plan = { ...planOver(images[0] as ImageId, server), diskSet };
            assert.match(await readThrough(plan), /^data of /);
          }
          await sets.delete(server, 'all');
        }
        madeOf.clear();
        await cache.removeUnused(root, 0);
        assert.deepEqual(await cached(), []);
      }),
      { numRuns: 15 },
    );
  });

  /** The image of each server's first set: a server is copied by its own plan. */
  const madeOf = new Map<ServerId, ImageId>();

  /** The operations on one server, one after another, as its agent carries them out. */
  async function inTurn(steps: readonly { server: ServerId; image: ImageId; what: string }[]): Promise<void> {
    for (const { server, image, what } of steps) {
      if (what === 'create' && !madeOf.has(server)) madeOf.set(server, image);
      const plan = planOver(what === 'cache' ? image : (madeOf.get(server) ?? image), server);
      if (what === 'create') await create(plan);
      else if (what === 'cache')
        await sets.cacheImage(plan.image, { images: null, contents: {}, signal: never });
      else if (what === 'delete') {
        madeOf.delete(server);
        await sets.delete(server, plan.diskSet);
      } else
        await sets
          .create({ plan: { ...plan, diskSet: 'second' }, from: { copyOf: plan.diskSet } }, never)
          .catch((error: unknown) =>
            assert.ok(error instanceof Failure && error.kind === 'not-found', String(error)),
          );
    }
  }

  it('leaves the time of an image that is in use as it is', async () => {
    const plan = planOver(newImage());
    await create(plan);
    const before = new Date(1_000_000_000_000);
    const path = join(root, '_base', nameOf(plan));
    await utimes(path, before, before);
    await cache.removeUnused(root, 0);
    assert.equal((await stat(path)).mtimeMs, before.getTime());
  });
});
