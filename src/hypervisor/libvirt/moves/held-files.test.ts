import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import type { ServerId } from '../../../model/ids.ts';
import { LibvirtLink } from '../connection/libvirt-link.ts';
import { DiskSets } from '../disks/disk-set.ts';
import { ImageCache } from '../disks/image-cache.ts';
import { QemuImg } from '../disks/qemu-img.ts';
import { FormerVariables } from '../guest/former-variables.ts';
import { samplePlan } from '../sample-plan.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { LibvirtMoves } from './libvirt-moves.ts';

const never = new AbortController().signal;

it('a destination makes the base of a converted image itself; without the data, or unasked, it has none to name', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'held-files-'));
  t.after(() => rm(root, { recursive: true }));
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', join(root, 'image'), '4M']);
  const data = await readFile(join(root, 'image'));
  let isGone = true;
  const qemuImg = new QemuImg(new BubblewrapSandbox());
  const cache = new ImageCache({
    directory: join(root, '_base'),
    images: {
      async open() {
        if (isGone) throw new Failure('not-found', 'The image is gone.');
        return Readable.from([data]);
      },
    },
    inspection: { vmdkAllowedTypes: [] },
    qemuImg,
  });
  await cache.prepare();
  const options = { cache, qemuImg, version: '0.1.0', forceConfigDrive: false, hasInterface: false };
  const moves = new LibvirtMoves({
    link: new LibvirtLink({ uri: 'qemu:///system', log: () => undefined, prepare: async () => undefined }),
    disks: new DiskSets({ ...options, instancesDir: root }),
    former: new FormerVariables({ uri: 'qemu:///system', instancesDir: root }),
    ...{ cache, instancesDir: root },
    migration: { uri: 'qemu+tcp://%s/system', bandwidthMib: 0, inboundAddress: '127.0.0.1' },
  });
  const hashValue = createHash('sha512').update(data).digest('hex');
  const plan = samplePlan({
    serverId: randomUUID() as ServerId,
    image: { diskFormat: 'qcow2', hashValue, checksum: '0'.repeat(32), size: data.length },
  });
  assert.deepEqual(await moves.presentBases({ plan, images: null }, never), []);
  isGone = false;
  assert.deepEqual(await moves.presentBases({ plan }, never), [], 'a live migration needs no base');
  assert.deepEqual(await moves.presentBases({ plan, images: null }, never), [`${hashValue}.qcow2`]);
  assert.deepEqual(await readdir(join(root, '_base')), [`${hashValue}.qcow2`]);
  isGone = true;
  assert.deepEqual(await moves.presentBases({ plan }, never), [`${hashValue}.qcow2`]);
  await assert.rejects(
    moves.presentBases(
      { plan: { ...plan, image: { ...plan.image, hashValue: 'f'.repeat(128) } }, images: null },
      AbortSignal.abort(),
    ),
    { name: 'AbortError' },
  );
});
