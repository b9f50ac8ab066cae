import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Failure } from '../../../model/failure.ts';
import type { DiskFormat } from '../../../model/image.ts';
import { samplePlan } from '../sample-plan.ts';
import { isBaseOf, nameOfBase } from './cache-names.ts';
import { writeOverlay } from './overlay.ts';
import { OWN_BASE } from './own-base.ts';
import { baseOfOwnDisk } from './own-disk.ts';

const run = promisify(execFile);
const SIZE = 1024 * 1024;
const IMAGE = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA512 = 'a'.repeat(128);
const image = { ...samplePlan().image, checksum: IMAGE };
let root = '';
let from = { set: '', cache: '', image };
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'own-disk-'));
  from = { set: join(root, 'set'), cache: join(root, 'images'), image };
  await mkdir(from.cache);
  await mkdir(from.set);
  await writeFile(join(from.cache, IMAGE), Buffer.alloc(SIZE));
  await writeFile(join(from.cache, 'other-file'), Buffer.alloc(SIZE));
  await writeFile(join(root, 'secret'), 'a secret of the host');
});
after(() => rm(root, { recursive: true, force: true }));

async function diskOver(backingFile: string | null): Promise<string> {
  const path = join(root, `disk-${Math.random()}`);
  await writeOverlay(path, { size: SIZE, backingFile });
  return path;
}

test('what is below a root disk is an image of the cache by its name, a file of its own set, or nothing', async () => {
  const base = join(from.cache, IMAGE);
  assert.equal(await baseOfOwnDisk(await diskOver(base), from), base);
  assert.equal(await baseOfOwnDisk(await diskOver(join('/elsewhere', IMAGE)), from), base);
  assert.equal(await baseOfOwnDisk(await diskOver(null), from), null);
  assert.equal(await baseOfOwnDisk(join(root, 'no-disk'), from), null);
  await writeFile(join(from.set, OWN_BASE), Buffer.alloc(SIZE));
  const own = await diskOver(join(root, 'set.partial', OWN_BASE));
  assert.equal(await baseOfOwnDisk(own, from), join(from.set, OWN_BASE));
});

for (const [what, name] of [
  ['a file of the host', () => join(root, 'secret')],
  ['a path that leads out of the cache', () => join(from.cache, '..', 'secret')],
  ['a path with dots in it', () => `${from.cache}/../secret`],
  ['a file below /proc', () => '/proc/1/environ'],
  ['a file of the cache that is no image', () => join(from.cache, 'other-file')],
  ['an image that is missing', () => join(from.cache, IMAGE.replace('d', 'e'))],
  ['a URL', () => 'nbd://127.0.0.1/x'],
] as const)
  test(`a root disk over ${what} is refused, and not taken for one that stands alone`, async () => {
    const disk = await diskOver(name());
    await assert.rejects(baseOfOwnDisk(disk, from), (error) => {
      assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
      assert.match(
        error.message,
        /^The server's root disk cannot be used: it refers to a file that is no image/,
      );
      assert.match(error.operatorText, /names the backing file/);
      return true;
    });
  });

test('a root disk that keeps its data elsewhere, is encrypted, or is not QCOW2 is refused', async () => {
  const external = join(root, 'external');
  const data = `data_file=${join(root, 'data')}`;
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', data, external, '1M']);
  await assert.rejects(baseOfOwnDisk(external, from), /refers to a file that is no image/);
  const encrypted = await readFile(await diskOver(join(from.cache, IMAGE)));
  encrypted.writeUInt32BE(2, 32);
  await writeFile(join(root, 'encrypted'), encrypted);
  await assert.rejects(baseOfOwnDisk(join(root, 'encrypted'), from), Failure);
  await writeFile(join(root, 'raw'), Buffer.alloc(4096));
  await assert.rejects(baseOfOwnDisk(join(root, 'raw'), from), Failure);
});

for (const [what, name] of [
  ["another image's data", 'b'.repeat(128)],
  ["another image's data of release 0.1", 'e'.repeat(32)],
  ["another image's disk, converted", `${'b'.repeat(128)}.qcow2`],
  ["the disk that its image's data holds in another format", `${SHA512}.vmdk`],
  ['a kernel of release 0.1', `boot-${image.id}`],
] as const)
  test(`a root disk over ${what} is refused, though the cache has that file`, async () => {
    const known = { ...from, image: { ...image, hashValue: SHA512 } };
    await writeFile(join(from.cache, SHA512), Buffer.alloc(SIZE));
    await writeFile(join(from.cache, name), Buffer.alloc(SIZE));
    assert.equal(await baseOfOwnDisk(await diskOver(SHA512), known), join(from.cache, SHA512));
    await assert.rejects(baseOfOwnDisk(await diskOver(name), known), (error) => {
      assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
      assert.match(error.operatorText, /which is not that of image/);
      return true;
    });
  });

test('a root disk lies over the checksums of its image and no others, in its own format', () => {
  const sum = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 128, maxLength: 128 }),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
  );
  const sums = fc.record({ named: sum, hashValue: sum, checksum: sum });
  const formats = fc.constantFrom<DiskFormat>('raw', 'iso', 'ami', 'qcow2', 'vmdk');
  fc.assert(
    fc.property(sums, formats, formats, ({ named, ...known }, diskFormat, other) => {
      const id = image.id;
      const content = (sha512: string) => ({ sha512, md5: IMAGE, size: SIZE });
      const own = known.hashValue.length === 128 ? known.hashValue : SHA512;
      const record = { ...known, hashValue: own, diskFormat };
      assert.ok(isBaseOf(nameOfBase(id, content(own), diskFormat), record));
      assert.equal(isBaseOf(named, record), false);
      if (named.length === 128) assert.equal(isBaseOf(nameOfBase(id, content(named), other), record), false);
      const asOther = nameOfBase(id, content(own), other);
      assert.equal(isBaseOf(asOther, record), asOther === nameOfBase(id, content(own), diskFormat));
    }),
  );
});
