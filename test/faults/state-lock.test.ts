import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockFolder } from '../../src/store/sqlite/sqlite-lock.ts';

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
const NOBODY = 65_534;
const OTHERS = /(?:has no permission|belongs to another user)\.$/;

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'np-lock-'));
  await chmod(folder, 0o711);
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

interface Taking {
  /** Before the program: `unshare` and the like. */
  readonly within?: readonly string[];
  readonly uid?: number;
}

/** Another process takes the folder. @returns what it says, and how to kill it */
async function take(t: TestContext, folder: string, { within = [], uid }: Taking = {}) {
  const words = [...within, process.execPath, HOLDER, folder];
  const child: ChildProcess = spawn('env', words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  t.after(kill);
  const [said] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  return { said: said.trim(), kill };
}

function may(command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the lock of a state directory', () => {
  it('is held against other processes, in other network, user and mount namespaces too, until its process is killed', async (t) => {
    const folder = await folderFor(t);
    const first = await take(t, folder);
    assert.equal(first.said, 'held');
    assert.equal((await take(t, folder)).said, 'busy');
    const namespaces = ['unshare', '--user', '--map-root-user', '--net', '--mount', '--pid', '--fork'];
    assert.equal((await take(t, folder, { within: namespaces })).said, 'busy');
    assert.equal(lockFolder(folder), undefined);
    await first.kill();
    const second = await take(t, folder);
    assert.equal(second.said, 'held', 'what the killed process left does not matter');
    assert.equal((await take(t, folder)).said, 'busy');
  });

  it('is for its owner alone: another user can neither hold nor keep it', async (t) => {
    if (process.getuid?.() !== 0 || !may('setpriv', '--reuid', '65534', process.execPath, HOLDER))
      return t.skip('needs root, and a repository that every user may read');
    const folder = await folderFor(t);
    const early = await take(t, folder, { uid: NOBODY });
    assert.match(early.said, OTHERS);
    assert.deepEqual(await readdir(folder), []);
    const owner = await take(t, folder);
    assert.equal(owner.said, 'held');
    assert.match((await take(t, folder, { uid: NOBODY })).said, OTHERS);
    await owner.kill();
    assert.match((await take(t, folder, { uid: NOBODY })).said, OTHERS);
    assert.equal((await take(t, folder)).said, 'held');
    assert.deepEqual(
      [
        (await stat(join(folder, 'lock'))).mode & 0o777,
        (await stat(join(folder, 'lock/held.sqlite'))).mode & 0o777,
      ],
      [0o700, 0o600],
    );
  });

  it('is not taken twice by one process, also by another path, which would let go of it', async (t) => {
    const folder = await folderFor(t);
    const again = `${folder}-again`;
    await symlink(folder, again);
    t.after(() => rm(again));
    const unlock = lockFolder(folder);
    assert.ok(unlock !== undefined);
    assert.equal(lockFolder(folder), undefined);
    assert.equal(lockFolder(again), undefined);
    assert.equal((await take(t, folder)).said, 'busy');
    unlock();
    assert.equal((await take(t, again)).said, 'held');
  });

  it('refuses a folder that everybody may write to, and what is no lock', async (t) => {
    const folder = await folderFor(t);
    await chmod(folder, 0o777);
    assert.throws(() => lockFolder(folder), { operatorText: /every user of this machine: chmod o-w it\.$/ });
    await chmod(folder, 0o700);
    await mkdir(join(folder, 'lock'));
    await writeFile(join(folder, 'lock/held.sqlite'), 'text');
    assert.throws(() => lockFolder(folder), { operatorText: /held\.sqlite is not empty/ });
    await rm(join(folder, 'lock/held.sqlite'));
    await symlink('/etc/hostname', join(folder, 'lock/held.sqlite'));
    assert.throws(() => lockFolder(folder), { operatorText: /symbolic link\.$/ });
    await rm(join(folder, 'lock'), { recursive: true });
    await writeFile(join(folder, 'lock'), '');
    assert.throws(() => lockFolder(folder), { kind: 'unavailable' });
    assert.throws(() => lockFolder(join(folder, 'none')), {
      operatorText: /none cannot be .*does not exist\.$/,
    });
  });
});
