import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readConsoleLog } from './console-log.ts';

let path = '';
let scratch = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'console-log-'));
  path = join(scratch, 'console.log');
});
after(() => rm(scratch, { recursive: true, force: true }));

test('no log is an empty one', async () => {
  assert.equal(await readConsoleLog(join(scratch, 'none'), null), '');
});

test('the last lines as Nova counts them, with or without a line end after the last', async () => {
  await writeFile(path, 'one\ntwo\nthree\n');
  assert.equal(await readConsoleLog(path, null), 'one\ntwo\nthree\n');
  assert.equal(await readConsoleLog(path, 3), 'two\nthree\n');
  assert.equal(await readConsoleLog(path, 1), '');
  assert.equal(await readConsoleLog(path, 9), 'one\ntwo\nthree\n');
  assert.equal(await readConsoleLog(path, 0), '');
  await writeFile(path, 'one\ntwo\nlogin: ');
  assert.equal(await readConsoleLog(path, 1), 'login: ');
  assert.equal(await readConsoleLog(path, 2), 'two\nlogin: ');
});

test('bytes that are no text do no harm', async () => {
  await writeFile(path, Buffer.from([0x61, 0xff, 0xfe, 0x0a]));
  assert.equal(await readConsoleLog(path, null), 'a\ufffd\ufffd\n');
});

test('at most the last MiB is read', async () => {
  await writeFile(path, `begin\n${'x'.repeat(3 * 1024 * 1024)}\nend\n`);
  const text = await readConsoleLog(path, null);
  assert.equal(text.length, 1024 * 1024);
  assert.ok(text.endsWith('\nend\n'));
});

test('what was printed before the log was rolled over is there too', async () => {
  await writeFile(path, 'new\n');
  await writeFile(`${path}.0`, 'old\n');
  assert.equal(await readConsoleLog(path, null), 'old\nnew\n');
  assert.equal(await readConsoleLog(path, 2), 'new\n');
});
