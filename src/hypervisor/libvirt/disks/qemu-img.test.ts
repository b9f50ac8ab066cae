import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.ts';
import type { ReadableFormat } from '../image-inspection/inspect-image.ts';
import { BubblewrapSandbox } from '../sandbox/bubblewrap.ts';
import { NoSandbox } from '../sandbox/no-sandbox.ts';
import { QemuImg } from './qemu-img.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const MIB = 1024 * 1024;

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'qemu-img-'));
  await writeFile(join(root, 'raw'), Buffer.alloc(4 * MIB, 'x'));
});
after(() => rm(root, { recursive: true, force: true }));

async function imageOf(format: string): Promise<string> {
  const path = join(root, `image.${format}`);
  await run('qemu-img', ['convert', '-f', 'raw', '-O', format, join(root, 'raw'), path]);
  return path;
}

const invalid = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
  assert.match(error.message, words);
  return true;
};

test('a conversion writes no more than the size that was checked', async () => {
  const [path, target] = [await imageOf('qcow2'), join(root, 'too-large')];
  const conversion = { path, format: 'qcow2', target, size: MIB, signal: never } as const;
  await assert.rejects(
    new QemuImg(new BubblewrapSandbox()).convertToRaw(conversion),
    invalid(/cannot be read as qcow2/),
  );
  assert.ok((await stat(target)).size <= MIB);
});

test('a converted disk belongs to the agent, and QEMU of any user may read it', async () => {
  const [path, target] = [await imageOf('vmdk'), join(root, 'converted')];
  const qemuImg = new QemuImg(new BubblewrapSandbox());
  const size = await qemuImg.virtualSize({ path, format: 'vmdk' }, never);
  assert.equal(size, 4 * MIB);
  await qemuImg.convertToRaw({ path, format: 'vmdk', target, size, signal: never });
  const { uid, mode } = await stat(target);
  assert.deepEqual([uid, mode & 0o777], [process.getuid?.(), 0o644]);
  assert.equal((await run('cmp', [target, join(root, 'raw')])).stdout, '');
});

test('where programs cannot be confined only raw, iso and qcow2 images are accepted, and the refusal names them', async () => {
  const qemuImg = new QemuImg(new NoSandbox());
  for (const [format, driver] of [
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vhd', 'vpc'],
    ['vhdx', 'vhdx'],
  ] satisfies [ReadableFormat, string][]) {
    const path = await imageOf(driver);
    const words = new RegExp(
      `disk_format is ${format}, but this compute host accepts only raw, iso and qcow2`,
    );
    await assert.rejects(qemuImg.virtualSize({ path, format }, never), invalid(words));
    const target = join(root, `refused-${format}`);
    const conversion = { path, format, target, size: 4 * MIB, signal: never };
    await assert.rejects(qemuImg.convertToRaw(conversion), invalid(words));
  }
  const path = await imageOf('qcow2');
  assert.equal(await qemuImg.virtualSize({ path, format: 'qcow2' }, never), 4 * MIB);
  const target = join(root, 'unconfined');
  await qemuImg.convertToRaw({ path, format: 'qcow2', target, size: 4 * MIB, signal: never });
  assert.equal((await run('cmp', [target, join(root, 'raw')])).stdout, '');
});
