import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { diskFile } from './disk-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nameplate-disk-file-'));
});
after(() => rm(folder, { recursive: true }));

test('what is no disk is refused at once: a folder, an empty file, a pipe that nobody writes to', async () => {
  const [empty, pipe] = [join(folder, 'empty'), join(folder, 'pipe')];
  await writeFile(empty, '');
  execFileSync('mkfifo', [pipe]);
  await assert.rejects(diskFile(folder, undefined), /is no disk: accepted are files and block devices/);
  await assert.rejects(diskFile(pipe, 'raw'), /is no disk: accepted are files and block devices/);
  await assert.rejects(diskFile(empty, 'raw'), /is empty: it is no disk/);
});
