import assert from 'node:assert/strict';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkOrCopy } from './durable-file.ts';

test('a file that another file system has no link to gets its name when its copy is whole', async (t) => {
  const elsewhere = await mkdtemp('/dev/shm/durable-file-');
  const here = await mkdtemp(join(tmpdir(), 'durable-file-'));
  t.after(() => Promise.all([elsewhere, here].map((path) => rm(path, { recursive: true }))));
  const content = Buffer.alloc(100_000, 'x');
  await writeFile(join(elsewhere, 'image'), content);
  const names: (string | null)[] = [];
  const watcher = watch(here, (_, name) => {
    names.push(name);
    if (name === 'base') watcher.emit('named');
  });
  const named = once(watcher, 'named');
  await linkOrCopy(join(elsewhere, 'image'), join(here, 'base'));
  await named;
  watcher.close();
  assert.match(
    String(names[0]),
    /^base\..*\.partial$/,
    'a copy that a crash cuts off is never taken for the image',
  );
  assert.deepEqual(await readFile(join(here, 'base')), content);
  await linkOrCopy(join(elsewhere, 'image'), join(here, 'base'));
  assert.deepEqual(await readdir(here), ['base'], 'and one that is there stays');
});
