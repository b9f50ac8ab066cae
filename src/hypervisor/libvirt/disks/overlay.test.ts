import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { overlayBytes, writeOverlay } from './overlay.ts';

const run = promisify(execFile);
const GIB = 1024 ** 3;

let scratch = '';
let base = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overlay-'));
  base = join(scratch, 'base');
  await writeFile(base, 'the base says hello');
  await truncate(base, 1024 * 1024);
});
after(() => rm(scratch, { recursive: true, force: true }));

for (const size of [512, 1024 * 1024, 10 * GIB, 600 * GIB, 9000 * GIB]) {
  test(`qemu-img finds an overlay of ${size} bytes to be in order`, async () => {
    const path = join(scratch, `overlay-${size}`);
    await writeOverlay(path, { size, backingFile: base });
    await run('qemu-img', ['check', '-f', 'qcow2', path]);
    const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', path]);
    const info = JSON.parse(stdout);
    assert.equal(info['virtual-size'], size);
    assert.equal(info['backing-filename'], base);
    assert.equal(info['backing-filename-format'], 'raw');
    assert.equal(info['format-specific'].data.compat, '1.1');
  });
}

test('qemu-img finds a disk that stands alone to be in order', async () => {
  const path = join(scratch, 'alone');
  await writeOverlay(path, { size: 10 * GIB, backingFile: null });
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x5a 9G 64k', path]);
  await run('qemu-img', ['check', '-f', 'qcow2', path]);
  const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', path]);
  assert.equal(JSON.parse(stdout)['virtual-size'], 10 * GIB);
  assert.equal(JSON.parse(stdout)['backing-filename'], undefined);
});

test('an overlay shows its base, takes writes, and leaves the base as it is', async () => {
  const path = join(scratch, 'written');
  await writeOverlay(path, { size: 2 * GIB, backingFile: base });
  const write = ['-f', 'qcow2', '-c', 'write -P 0x5a 1G 64k', '-c', 'write -P 0x5b 512 512', path];
  await run('qemu-io', write);
  const read = [
    ...['-r', '-f', 'qcow2', '-c', 'read -P 0x5a 1G 64k', '-c', 'read -P 0x5b 512 512'],
    ...['-c', 'read -P 0 1M 1M', path],
  ];
  const { stdout } = await run('qemu-io', read);
  assert.doesNotMatch(stdout, /verification failed/);
  await run('qemu-img', ['check', '-f', 'qcow2', path]);
  const { stdout: flat } = await run('qemu-io', ['-r', '-f', 'raw', '-c', 'read -v 0 20', base]);
  assert.match(flat, /the\.base/);
});

test('a size beyond all sense is refused', () => {
  assert.throws(() => overlayBytes({ size: 2 ** 53, backingFile: base }), /not supported/);
});
