import assert from 'node:assert/strict';
import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { unshare } from './unshare.ts';

it('a kernel that release 0.1 linked into several disk sets becomes a file of its own; the others stay as they are', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'unshare-'));
  t.after(() => rm(root, { recursive: true }));
  const [one, other] = [join(root, 'one'), join(root, 'other')];
  await writeFile(one, 'kernel', { mode: 0o644 });
  await link(one, other);
  const before = await stat(other);
  await unshare(one);
  await unshare(one);
  const [after, stayed] = [await stat(one), await stat(other)];
  assert.notEqual(after.ino, before.ino);
  assert.deepEqual([after.nlink, after.mode, stayed.ino, stayed.nlink], [1, before.mode, before.ino, 1]);
  for (const path of [one, other]) assert.equal(await readFile(path, 'utf8'), 'kernel');
  await unshare(join(root, 'none'));
  assert.deepEqual((await readdir(root)).sort(), ['one', 'other']);
});
