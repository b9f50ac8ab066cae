import assert from 'node:assert/strict';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lockFolder } from '../../src/store/sqlite/sqlite-lock.ts';
import { nameplate, simulatedStart } from '../lab/command.ts';

/** A state directory that a service ran on, as a pattern for others. */
let ranOn: string;
let folder: string;
let directories = 0;
/** Every file and folder of it while the service ran: its path, owner and mode. */
const seen: { path: string; uid: number; mode: number; isFolder: boolean }[] = [];

async function walk(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    const full = join(entry.parentPath, entry.name);
    const { uid, mode } = await stat(full);
    seen.push({ path: full.slice(path.length + 1), uid, mode: mode & 0o7777, isFolder: entry.isDirectory() });
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'np-start-'));
  await chmod(folder, 0o755);
  ranOn = join(folder, 'ran-on');
  const ran = await nameplate(simulatedStart(ranOn), { whenReady: () => walk(ranOn) });
  assert.ok(ran.ready, ran.stderr);
});
after(() => rm(folder, { recursive: true }));

/** A copy of the database and the password of a service that ran. */
async function copied(): Promise<string> {
  const stateDir = join(folder, `copy-${directories++}`);
  await mkdir(stateDir, { mode: 0o711 });
  for (const name of ['nameplate.sqlite', 'admin-password'])
    await copyFile(join(ranOn, name), join(stateDir, name));
  return stateDir;
}

async function garble(path: string, from: number): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - from, 0xa5), 0, size - from, from);
  await file.close();
}

describe('a state directory', () => {
  it('shows no secret to other users: what is in it is its owner’s, and files are for that one alone', () => {
    const names = seen.map(({ path }) => path);
    for (const name of ['admin-password', 'nameplate.sqlite', 'clouds.yaml', 'lock/held.sqlite'])
      assert.ok(names.includes(name), `${name} is among ${names.join(', ')}`);
    for (const { path, uid, mode, isFolder } of seen) {
      assert.equal(uid, process.getuid?.(), path);
      assert.equal(mode & (isFolder ? 0o066 : 0o077), 0, `${path} is of mode ${mode.toString(8)}`);
    }
  });
});

/** What is wrong, how the state directory comes to be so, and the sentence that is said. */
const CASES: readonly (readonly [name: string, prepare: () => Promise<string>, sentence: RegExp])[] = [
  [
    'a file where the folder should be',
    async () => {
      const path = join(folder, `file-${directories++}`);
      await writeFile(path, '');
      return path;
    },
    /file-\d+ cannot be used: there is something else of that name\.$/,
  ],
  [
    'a file above the folder',
    async () => {
      const path = join(folder, `file-${directories++}`);
      await writeFile(path, '');
      return join(path, 'state');
    },
    /state cannot be used: something above it is a file and not a folder\.$/,
  ],
  [
    'a folder that the kernel lets nobody make',
    async () => '/proc/none/state',
    /\/proc\/none cannot be used: it, or a folder above it, does not exist\.$/,
  ],
  [
    'an empty password file, as 0.1 left it on a full disk',
    async () => {
      const stateDir = join(folder, `empty-${directories++}`);
      await mkdir(stateDir);
      await writeFile(join(stateDir, 'admin-password'), '');
      return stateDir;
    },
    /admin-password is empty: write the password of the user admin into it, or delete it if /,
  ],
  [
    'a password file of white space',
    async () => {
      const stateDir = await copied();
      await writeFile(join(stateDir, 'admin-password'), ' \n\n');
      return stateDir;
    },
    /admin-password is empty: /,
  ],
  [
    'a password file of zeros, as after a power failure',
    async () => {
      const stateDir = await copied();
      await writeFile(join(stateDir, 'admin-password'), Buffer.alloc(33));
      return stateDir;
    },
    /admin-password is damaged: /,
  ],
  [
    'a folder for a password file',
    async () => {
      const stateDir = join(folder, `folder-${directories++}`);
      await mkdir(join(stateDir, 'admin-password'), { recursive: true });
      return stateDir;
    },
    /admin-password cannot be read: it is a folder and not a file\.$/,
  ],
  [
    'a database that is text',
    async () => {
      const stateDir = await copied();
      await writeFile(join(stateDir, 'nameplate.sqlite'), 'no database '.repeat(1000));
      return stateDir;
    },
    /nameplate\.sqlite is not a SQLite database /,
  ],
  [
    'a database with damaged pages',
    async () => {
      const stateDir = await copied();
      await garble(join(stateDir, 'nameplate.sqlite'), 4096);
      return stateDir;
    },
    /nameplate\.sqlite is damaged; restore it from a backup/,
  ],
  [
    'a database that was cut off',
    async () => {
      const stateDir = await copied();
      await truncate(join(stateDir, 'nameplate.sqlite'), 5 * 4096);
      return stateDir;
    },
    /nameplate\.sqlite is damaged; restore it from a backup/,
  ],
  [
    'a folder for a database',
    async () => {
      const stateDir = join(folder, `folder-${directories++}`);
      await mkdir(join(stateDir, 'nameplate.sqlite'), { recursive: true });
      return stateDir;
    },
    /nameplate\.sqlite cannot be used: it is a folder and not a file\.$/,
  ],
  [
    'a folder that another service holds',
    async () => {
      const stateDir = await copied();
      lockFolder(stateDir);
      return stateDir;
    },
    /Another nameplate is running on the state directory /,
  ],
];

describe('a start on a state directory that cannot be used ends with one sentence and status 1', () => {
  for (const [name, prepare, sentence] of CASES)
    it(name, async () => {
      const stateDir = await prepare();
      const { status, stderr } = await nameplate(simulatedStart(stateDir));
      const lines = stderr.trimEnd().split('\n');
      assert.equal(status, 1, stderr);
      assert.match(lines.at(-1) ?? '', sentence);
      assert.match(lines.at(-1) ?? '', /^nameplate: /);
      assert.equal(lines.length, 1, stderr);
    });

  it('a folder that this user may not use', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root, to be another user');
    const { status, stderr } = await nameplate(simulatedStart(ranOn), { uid: 65_534 });
    if (/Cannot find module|EACCES.*nameplate\.ts/.test(stderr))
      return t.skip('another user may not read this repository');
    assert.equal(status, 1);
    assert.match(stderr, /^nameplate: .*(?:this user has no permission|belongs to another user)\.\n$/);
  });

  it('a password that was made now is kept only if this start made the user admin', async () => {
    const stateDir = await copied();
    await rm(join(stateDir, 'admin-password'));
    const ran = await nameplate(simulatedStart(stateDir));
    assert.ok(ran.ready, ran.stderr);
    await assert.rejects(readFile(join(stateDir, 'admin-password')), { code: 'ENOENT' });
    await assert.rejects(readFile(join(stateDir, 'clouds.yaml')), { code: 'ENOENT' });
    assert.match(ran.stderr, /"event":"admin-password-unknown"/);
  });
});
