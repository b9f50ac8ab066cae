import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import type { ServerId } from '../../../model/ids.ts';
import { Marks } from './marks.ts';

const server = '8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c01' as ServerId;

it('a mark that another host made of something else is not followed, waited for, or read whole', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'marks-'));
  t.after(() => rm(root, { recursive: true }));
  const marks = new Marks(root);
  await mkdir(join(root, server));
  const path = (mark: string) => join(root, server, `mark-${mark}`);
  await writeFile(join(root, 'shadow'), 'the secret of the host');
  await symlink(join(root, 'shadow'), path('link'));
  await symlink(path('loop'), path('loop'));
  await promisify(execFile)('mkfifo', [path('fifo')]);
  await writeFile(path('long'), root);
  await truncate(path('long'), 2 ** 40);
  await mkdir(path('folder'));
  for (const mark of ['link', 'loop', 'fifo', 'long', 'folder'])
    await assert.rejects(marks.sees(server, mark), (error) => !String(error).includes('secret'), mark);
  await marks.leave(server, 'true');
  assert.equal(await marks.sees(server, 'true'), true);
});
