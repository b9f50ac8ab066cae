import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { twoFacedVmdk } from '../../../../test/lab/hostile-images.ts';
import { Failure } from '../../../model/failure.ts';
import { QemuImg } from '../disks/qemu-img.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { imageBytesOf } from './image-bytes.ts';
import { inspectImage, type ReadableFormat } from './inspect-image.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const RUNS = process.env.NAMEPLATE_LONG === '1' ? 1000 : 40;
const CANARY = 'a secret of the host '.repeat(4096);
const MAX_SIZE = 16 * 1024 * 1024;
const allowed = { vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'] };
const QEMU: Partial<Record<ReadableFormat, string>> = { vhd: 'vpc' };

let root = '';
const originals: { format: ReadableFormat; image: Buffer }[] = [];
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'accepted-images-'));
  await writeFile(join(root, 'canary'), CANARY);
  const raw = join(root, 'raw');
  await writeFile(raw, Buffer.alloc(1024 * 1024, 'data of the guest '));
  for (const [format, options] of [
    ['qcow2', ['-o', 'compat=0.10']],
    ['qcow2', []],
    ['vmdk', []],
    ['vmdk', ['-o', 'subformat=streamOptimized']],
    ['vdi', []],
    ['vhd', []],
    ['vhdx', []],
  ] as const) {
    const path = join(root, 'original');
    await run('qemu-img', ['convert', '-f', 'raw', '-O', QEMU[format] ?? format, ...options, raw, path]);
    originals.push({ format, image: await readFile(path) });
  }
  originals.push({ format: 'vmdk', image: twoFacedVmdk(`RW 64 FLAT "${join(root, 'canary')}" 0`) });
});
after(() => rm(root, { recursive: true, force: true }));

/** What an attacker writes into an image. `%`: the path of the file that he wants. */
const TEXTS = [
  ...[
    'RW 64 FLAT "%" 0\n',
    'RW 64 FLAT "canary" 0\n',
    'createType="monolithicFlat"\n',
    '# createType="vmfs"\n',
  ],
  ...[
    'parentFileNameHint="%"\n',
    'parentCID=1\n',
    '%',
    'json:{"driver":"file","filename":"%"}',
    'DATA',
    '\0',
    '\n',
  ],
];
/** Fields of headers that decide something, in bytes from the start. */
const FIELDS = [
  4, 8, 12, 16, 20, 24, 28, 32, 36, 44, 56, 60, 64, 72, 76, 79, 96, 100, 104, 112, 0x4c, 0x1a8, 0x1b8,
];

type Change = { readonly at: number; readonly bytes: string } | { readonly cut: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    at: fc.oneof(fc.nat(2048), fc.constantFrom(104, 112, 512, 533, 1023, 1024, 196_608, 65_536)),
    bytes: fc.constantFrom(...TEXTS),
  }),
  fc.record({
    at: fc.oneof(fc.constantFrom(...FIELDS), fc.nat(700)),
    bytes: fc.constantFrom(
      '\0',
      '\x01',
      '\x02',
      '\x04',
      '\0\0\0\0',
      '\0\0\0\x04',
      '\xff',
      '\0\0\x02\0',
      '\0\0\0\x68',
    ),
  }),
  fc.record({ cut: fc.nat(100_000) }),
);

function changed(image: Buffer, changes: readonly Change[]): Buffer {
  let result = Buffer.from(image);
  for (const one of changes)
    if ('cut' in one) result = result.subarray(0, Math.max(512, result.length - one.cut));
    else
      result.write(one.bytes.replace('%', join(root, 'canary')), Math.min(one.at, result.length), 'latin1');
  return result;
}

test('an image that is accepted names no other file, to the program that reads it and outside its sandbox too', async () => {
  const qemuImg = new QemuImg(new BubblewrapSandbox());
  const [path, target] = [join(root, 'changed'), join(root, 'target')];
  let accepted = 0;
  const look = async (original: number, changes: readonly Change[]) => {
    const { format, image } = originals[original] ?? assert.fail();
    const content = changed(image, changes);
    try {
      await inspectImage(imageBytesOf(content), { name: 'img', diskFormat: format }, allowed);
    } catch (error) {
      assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
      return;
    }
    accepted++;
    await writeFile(path, content);
    const size = await qemuImg.virtualSize({ path, format }, never).catch((error: unknown) => {
      assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
      assert.doesNotMatch(
        error.message,
        /file|is read as|encrypted/,
        'the inspector let a reference through',
      );
      return null;
    });
    if (size === null || size > MAX_SIZE) return;
    await rm(target, { force: true });
    const convert = ['convert', '-f', QEMU[format] ?? format, '-O', 'raw', path, target];
    await run('qemu-img', convert, { timeout: 30_000 }).catch(() => {});
    if ((await stat(target).catch(() => null)) !== null)
      assert.equal((await readFile(target)).includes('a secret of the host'), false);
  };
  for (let original = 0; original < originals.length - 1; original++) await look(original, []);
  assert.equal(accepted, originals.length - 1, 'images as qemu-img makes them are accepted');
  const property = fc.asyncProperty(
    fc.nat(originals.length - 1),
    fc.array(change, { minLength: 1, maxLength: 4 }),
    look,
  );
  await fc.assert(property, { numRuns: RUNS });
});
