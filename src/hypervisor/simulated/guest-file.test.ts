import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ServerId } from '../../model/ids.ts';
import { openGuestFiles, type SimulatedGuest } from './guest-file.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-guest-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function guestOf(serverId: ServerId, changes: Partial<SimulatedGuest> = {}): SimulatedGuest {
  const nothing = { definition: null, live: null, savedMemory: false, kept: {}, disks: {}, console: '' };
  return { serverId, power: 'shutdown', ...nothing, ...changes };
}

test('what a killed process left of a write is gone when the files are opened again, and guests are not', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, '00000000-0000-4000-8000-000000000001.json.new'), '{"serverId":"0000');
  await writeFile(join(folder, '00000000-0000-4000-8000-000000000002.json'), '{}');
  const files = await openGuestFiles(folder);
  assert.deepEqual(await readdir(folder), ['00000000-0000-4000-8000-000000000002.json']);
  assert.equal((await files.readAll()).length, 1);
});

test('the last write that was not interrupted is what a guest is, also in a file of release 0.1', async (t) => {
  const folder = await makeFolder(t);
  const id = randomUUID() as ServerId;
  const path = join(folder, `${id}.json`);
  await writeFile(path, JSON.stringify(guestOf(id)));
  const running = guestOf(id, { power: 'running' });
  await (await openGuestFiles(folder)).write(running);
  await appendFile(path, `\n${JSON.stringify(guestOf(id)).slice(0, -9)}`);
  const again = await openGuestFiles(folder);
  assert.deepEqual(await again.readAll(), [running]);
  const paused = guestOf(id, { power: 'paused' });
  await again.write(paused);
  assert.deepEqual(await again.readAll(), [paused]);
});

test('a file does not grow with the number of its writes', async (t) => {
  const folder = await makeFolder(t);
  const id = randomUUID() as ServerId;
  const files = await openGuestFiles(folder);
  const long = 'x'.repeat(100_000);
  for (let n = 0; n < 20; n++) await files.write(guestOf(id, { console: `${n} ${long}` }));
  assert.deepEqual(await files.readAll(), [guestOf(id, { console: `19 ${long}` })]);
  assert.ok((await stat(join(folder, `${id}.json`))).size < 500_000);
});
