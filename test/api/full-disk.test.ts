import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

test('a full disk refuses an image with a clear word, and has room again after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nameplate-full-'));
  const script = fileURLToPath(import.meta.resolve('./full-disk.ts'));
  const mountAndRun = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"';
  const words = ['--user', '--map-root-user', '--mount', 'sh', '-c', mountAndRun];
  const { stdout } = await promisify(execFile)('unshare', [...words, 'sh', folder, process.execPath, script]);
  assert.deepEqual(JSON.parse(stdout), {
    tooMuch: { kind: 'out-of-space', message: 'There is no space left where image data is kept.' },
    left: [],
    fitting: 100_000,
  });
  rmSync(folder, { recursive: true });
});
