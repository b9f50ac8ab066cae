import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { REPOSITORY } from './source-files.ts';

const run = promisify(execFile);
const RUN = new URL('../../setup/run.sh', import.meta.url).pathname;

it('a link to setup/run.sh on the PATH is the command, called from any folder', {
  timeout: 60_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'np-command-'));
  t.after(() => rm(folder, { recursive: true }));
  await symlink(RUN, join(folder, 'nameplate'));
  const options = { cwd: folder, env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } };
  delete (options.env as NodeJS.ProcessEnv).INIT_CWD;
  const { stdout } = await run('nameplate', ['--version'], options);
  assert.equal(stdout, `nameplate ${packageJson.version}\n`);
  const missing = run('nameplate', ['db', 'purge', '--all', '--state-dir', 'none'], options);
  await assert.rejects(missing, { code: 255, stderr: /There is no database .*none\/nameplate\.sqlite/ });
  await run('nameplate', ['bus', 'init', '--dir', 'keys'], options);
  const added = await run('nameplate', ['host', 'add', 'h1', '--dir', 'keys'], options);
  assert.match(added.stdout + added.stderr, /h1/);
});

it('the bin of the package, linked as npm link does, is the command on any Node, and a Node that is too old is named', {
  timeout: 60_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'np-bin-'));
  t.after(() => rm(folder, { recursive: true }));
  await symlink(join(REPOSITORY, packageJson.bin.nameplate), join(folder, 'nameplate'));
  const { stdout } = await run(process.execPath, [join(folder, 'nameplate'), '--version']);
  assert.equal(stdout, `nameplate ${packageJson.version}\n`);
  // A copy without node_modules, that needs a Node of the future.
  for (const [name, text] of [
    ['package.json', JSON.stringify({ type: 'module', dependencies: { node: '99.1.0' } })],
    ['bin/nameplate.js', await readFile(join(REPOSITORY, packageJson.bin.nameplate), 'utf8')],
  ] as const) {
    await mkdir(join(folder, 'alone/bin'), { recursive: true });
    await writeFile(join(folder, 'alone', name), text);
  }
  await assert.rejects(run(process.execPath, [join(folder, 'alone/bin/nameplate.js'), 'start']), {
    code: 2,
    stderr: /^nameplate: this is Node [\d.]+; Nameplate needs Node 99\.1\.0 or newer\. .*\n$/,
  });
});
