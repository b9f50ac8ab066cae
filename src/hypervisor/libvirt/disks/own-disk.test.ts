import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import { writeOverlay } from './overlay.ts';
import { OWN_BASE } from './own-base.ts';
import { baseOfOwnDisk } from './own-disk.ts';

const run = promisify(execFile);
const SIZE = 1024 * 1024;
const IMAGE = 'd41d8cd98f00b204e9800998ecf8427e';
let root = '';
let from = { set: '', cache: '' };
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'own-disk-'));
  from = { set: join(root, 'set'), cache: join(root, 'images') };
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
  const image = join(from.cache, IMAGE);
  assert.equal(await baseOfOwnDisk(await diskOver(image), from), image);
  assert.equal(await baseOfOwnDisk(await diskOver(join('/elsewhere', IMAGE)), from), image);
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
