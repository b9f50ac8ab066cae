import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGuestFiles } from './guest-file.ts';

test('what a killed process left of a write is gone when the files are opened again, and guests are not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-guest-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, '00000000-0000-4000-8000-000000000001.json.new'), '{"serverId":"0000');
  await writeFile(join(folder, '00000000-0000-4000-8000-000000000002.json'), '{}');
  const files = await openGuestFiles(folder);
  assert.deepEqual(await readdir(folder), ['00000000-0000-4000-8000-000000000002.json']);
  assert.equal((await files.readAll()).length, 1);
});
