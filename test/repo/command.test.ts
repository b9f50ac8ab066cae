import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };

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
