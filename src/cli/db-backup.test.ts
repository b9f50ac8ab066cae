import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nameplate, simulatedStart } from '../../test/lab/command.ts';
import { type PostgresServer, startPostgres } from '../../test/lab/postgres.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/promise/store.ts';
import { parseCommandLine } from './command-line.ts';

const WRITER = fileURLToPath(new URL('../../test/laws/store-writer.ts', import.meta.url));

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'np-backup-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

/** Runs a command in this process. @returns what it prints */
async function run(...words: string[]): Promise<string> {
  let printed = '';
  const out = (text: string) => {
    printed += text;
  };
  await parseCommandLine(words).run({ out, err: (line) => out(`${line}\n`) });
  return printed;
}

/** Another process that writes servers, three at once, until it is killed. */
async function startWriter(t: TestContext, connection: string) {
  const child = spawn(process.execPath, [WRITER, connection], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const written: string[] = [];
  const lines = createInterface(child.stdout).on('line', (id) => written.push(id));
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  t.after(stop);
  return {
    written,
    stop,
    async until(count: number) {
      while (written.length < count) await once(lines, 'line');
    },
  };
}

async function reading<T>(connection: string, read: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ connection });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

/** The ids of all servers. A server that is not active is half of a transaction. */
async function activeServers(connection: string): Promise<Set<string>> {
  return reading(connection, async (store) => {
    const ids = new Set<string>();
    for (let marker: string | undefined; ; ) {
      const page = await store.servers.list(
        {},
        {
          limit: 1_000,
          sort: [{ key: 'uuid', direction: 'asc' }],
          ...(marker === undefined ? {} : { marker: marker as never }),
        },
      );
      for (const { id, vmState, tags } of page) {
        assert.deepEqual([vmState, tags.length], ['active', 2]);
        ids.add(id);
      }
      marker = page.at(-1)?.id;
      if (page.length < 1_000) return ids;
    }
  });
}

function sqliteIn(stateDir: string): string {
  return `sqlite:///${join(stateDir, 'nameplate.sqlite')}`;
}

/** A state directory with one server. */
async function stateDirectory(t: TestContext): Promise<{ stateDir: string; id: string }> {
  const stateDir = await folder(t);
  const { id } = await reading(sqliteIn(stateDir), (store) => store.servers.insert(sampleServer()));
  return { stateDir, id };
}

describe('nameplate db backup and restore on SQLite', () => {
  it('copies one moment of a database that another process is writing, and a service starts from the copy', async (t) => {
    const [stateDir, restored] = [await folder(t), await folder(t)];
    const to = join(await folder(t), 'below', 'copy.sqlite');
    await reading(sqliteIn(stateDir), async () => {});
    const writer = await startWriter(t, sqliteIn(stateDir));
    await writer.until(50);
    const acknowledged = [...writer.written];
    assert.match(await run('db', 'backup', '--state-dir', stateDir, '--to', to), /copied to .*copy\.sqlite/);
    await writer.until(writer.written.length + 20);
    await writer.stop();

    assert.deepEqual(await readdir(join(to, '..')), ['copy.sqlite']);
    assert.equal((await stat(to)).mode & 0o777, 0o600);
    await run('db', 'restore', '--from', to, '--state-dir', restored);
    const started = await nameplate(simulatedStart(restored));
    assert.deepEqual([started.status, started.ready], [0, true], started.stderr);
    const confirm = ['db', 'confirm-restore', '--state-dir', restored];
    assert.match(await run(...confirm), /is confirmed/);
    assert.match(await run(...confirm), /no restore to confirm/);
    const servers = await activeServers(sqliteIn(restored));
    for (const id of acknowledged) assert.ok(servers.has(id), `${id} was acknowledged before the backup`);
    assert.ok(servers.size < (await activeServers(sqliteIn(stateDir))).size);
  });

  it('restores nothing while a service holds the state directory, and keeps the database that --force replaces', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const to = join(stateDir, 'copy.sqlite');
    await run('db', 'backup', '--state-dir', stateDir, '--to', to);
    const later = await reading(sqliteIn(stateDir), (store) => store.servers.insert(sampleServer()));
    const restore = ['db', 'restore', '--from', to, '--state-dir', stateDir];
    const beside: { status: number | null; stderr: string }[] = [];
    await nameplate(simulatedStart(stateDir), {
      async whenReady() {
        beside.push(await nameplate([...restore, '--force']));
      },
    });
    assert.equal(beside[0]?.status, 1);
    assert.match(beside[0]?.stderr ?? '', /Another nameplate is running on the state directory/);
    await assert.rejects(run(...restore), {
      kind: 'conflict',
      message: /There is a database .*: --force keeps it/,
    });
    assert.ok((await idsOf(stateDir)).includes(later.id));

    const kept = /is kept as (\S+)\.\n/.exec(await run(...restore, '--force'))?.[1];
    assert.deepEqual(await idsOf(stateDir), [id]);
    const old = new DatabaseSync(kept ?? '', { readOnly: true });
    assert.equal(old.prepare('select id from servers where id = ?').all(later.id).length, 1);
    old.close();
  });

  it('restores over a damaged database whose write-ahead log is still there', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const to = join(stateDir, 'copy.sqlite');
    await run('db', 'backup', '--state-dir', stateDir, '--to', to);
    const file = join(stateDir, 'nameplate.sqlite');
    await writeFile(file, 'no database '.repeat(1_000));
    await writeFile(`${file}-wal`, 'a log of something else');
    await run('db', 'restore', '--from', to, '--force', '--state-dir', stateDir);
    assert.deepEqual(await idsOf(stateDir), [id]);
    const kept = (await readdir(stateDir)).find((name) => name.includes('.replaced-')) ?? '';
    assert.match(await readFile(join(stateDir, kept), 'utf8'), /^no database/);
  });

  it('leaves everything as it was when a file is not a database, not one of Nameplate, or exists already', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const [text, other] = [join(stateDir, 'text'), join(stateDir, 'other.sqlite')];
    await writeFile(text, 'no database '.repeat(1_000));
    const stranger = new DatabaseSync(other);
    stranger.exec('create table people (name)');
    stranger.close();
    const restore = (from: string) =>
      run('db', 'restore', '--force', '--state-dir', stateDir, '--from', from);
    await assert.rejects(restore(text), ({ operatorText }: never) =>
      /is not a SQLite database/.test(operatorText),
    );
    await assert.rejects(restore(other), { kind: 'invalid', message: /but not one of Nameplate/ });
    await assert.rejects(restore(join(stateDir, 'none')), { code: 'ENOENT' });
    await assert.rejects(run('db', 'backup', '--state-dir', stateDir, '--to', text), {
      kind: 'conflict',
      message: /exists: name another file with --to, or replace it with --force/,
    });
    assert.match(await readFile(text, 'utf8'), /^no database/);
    const empty = await folder(t);
    await assert.rejects(run('db', 'backup', '--state-dir', empty), { kind: 'not-found' });
    assert.deepEqual(await readdir(empty), []);
    assert.deepEqual(await idsOf(stateDir), [id]);
    const strays = (await readdir(stateDir)).filter((name) => /\.new|\.replaced|-wal/.test(name));
    assert.deepEqual(strays, []);
  });
});

describe('files that nameplate db backup and restore refuse', () => {
  it('replaces neither the database that is copied, a file beside it, nor a device or folder', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const database = join(stateDir, 'nameplate.sqlite');
    const backup = (to: string) => run('db', 'backup', '--force', '--state-dir', stateDir, '--to', to);
    const { ino } = await stat(database);
    await assert.rejects(backup(database), { kind: 'invalid', message: /cannot replace its own source/ });
    await assert.rejects(backup(stateDir), { kind: 'invalid', message: /accepted is the path of a file/ });
    const socket = join(stateDir, 'socket');
    const listening = createServer().listen(socket);
    t.after(() => listening.close());
    await once(listening, 'listening');
    await assert.rejects(backup(socket), { kind: 'invalid', message: /accepted is the path of a file/ });
    assert.equal((await stat(database)).ino, ino);
    assert.deepEqual(await idsOf(stateDir), [id]);
  });

  it('keeps a backup named like its own unfinished copy, and restores no database from itself', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const database = join(stateDir, 'nameplate.sqlite');
    const unfinished = `${database}.new`;
    await copyFile(database, unfinished);
    for (const from of [unfinished, database]) {
      const restore = run('db', 'restore', '--force', '--state-dir', stateDir, '--from', from);
      await assert.rejects(restore, { kind: 'invalid', message: /cannot replace its own source/ });
    }
    assert.ok((await stat(unfinished)).size > 0);
    assert.deepEqual(await idsOf(stateDir), [id]);
  });

  it('names the disk of the copy when that is full, and leaves nothing there', async (t) => {
    const { stateDir } = await stateDirectory(t);
    const small = await folder(t);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      t.skip('mounting a small disk needs root');
      return;
    }
    try {
      const backup = run('db', 'backup', '--state-dir', stateDir, '--to', join(small, 'copy.sqlite'));
      await assert.rejects(backup, ({ kind, operatorText }: never) => {
        assert.equal(kind, 'out-of-space');
        assert.ok(String(operatorText).includes(small), operatorText);
        return true;
      });
      assert.deepEqual(await readdir(small), []);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('keeps the database when the backup is of a newer release', async (t) => {
    const { stateDir, id } = await stateDirectory(t);
    const newer = join(stateDir, 'newer.sqlite');
    await run('db', 'backup', '--state-dir', stateDir, '--to', newer);
    const copy = new DatabaseSync(newer);
    copy.exec('update nameplate_schema set version = 1000');
    copy.close();
    await assert.rejects(run('db', 'restore', '--force', '--state-dir', stateDir, '--from', newer), {
      kind: 'invalid',
      message: /a newer Nameplate wrote/,
    });
    assert.deepEqual(await idsOf(stateDir), [id]);
    assert.equal(await reading(sqliteIn(stateDir), (store) => store.restored.at()), undefined);
    const strays = (await readdir(stateDir)).filter((name) => /\.new|\.replaced/.test(name));
    assert.deepEqual(strays, []);
  });
});

async function idsOf(stateDir: string): Promise<string[]> {
  return reading(sqliteIn(stateDir), async (store) =>
    (await store.servers.list({}, { limit: 100, sort: [{ key: 'uuid', direction: 'asc' }] })).map(
      ({ id }) => id,
    ),
  );
}

/** Options of a command on a PostgreSQL database. */
async function configured(stateDir: string, connection: string): Promise<string[]> {
  const path = join(stateDir, 'nova.conf');
  const written = connection.replace('postgresql:', 'postgresql+psycopg2:');
  await writeFile(path, `[database]\nconnection = ${written}\n`);
  return ['--config-file', path, '--state-dir', stateDir];
}

describe('nameplate db backup and restore on PostgreSQL', () => {
  let postgres: PostgresServer;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.remove());

  it('copies one moment of a database under writes, and replaces another by it only when nobody uses that', async (t) => {
    const stateDir = await folder(t);
    const [from, into] = [await postgres.createDatabase('loopback'), await postgres.createDatabase()];
    const conf = (connection: string) => configured(stateDir, connection);
    const to = join(stateDir, 'copy.dump');
    await reading(from, async () => {});
    const writer = await startWriter(t, from);
    await writer.until(20);
    const acknowledged = [...writer.written];
    await run('db', 'backup', '--to', to, ...(await conf(from)));
    await writer.until(writer.written.length + 10);
    await writer.stop();
    assert.equal((await stat(to)).mode & 0o777, 0o600);

    const stale = await reading(into, (store) => store.servers.insert(sampleServer()));
    await postgres.query('create table added_later (a int)', into.split('/').at(3)?.split('?')[0]);
    const restore = ['db', 'restore', '--from', to, ...(await conf(into))];
    await reading(into, async () => {
      await assert.rejects(run(...restore, '--force'), { kind: 'conflict', message: /stop every replica/ });
    });
    await assert.rejects(run(...restore), {
      kind: 'conflict',
      message: /The database has \d+ tables: --force/,
    });
    const damaged = join(stateDir, 'damaged.dump');
    const whole = await readFile(to);
    await writeFile(damaged, whole.subarray(0, whole.length - 200));
    const of = (path: string) => restore.map((word) => (word === to ? path : word));
    await assert.rejects(run(...of(damaged), '--force'), { kind: 'unavailable' });
    assert.deepEqual(
      await reading(into, async (store) => (await store.servers.find(stale.id))?.id),
      stale.id,
    );

    await run(...restore, '--force');
    const servers = await activeServers(into);
    for (const id of acknowledged) assert.ok(servers.has(id), `${id} was acknowledged before the backup`);
    assert.ok(!servers.has(stale.id));
    assert.match((await reading(into, (store) => store.restored.at())) ?? '', /^\d{4}-/);
    const tables = await postgres.query(
      "select count(*) from pg_class where relname = 'added_later'",
      into.split('/').at(3)?.split('?')[0],
    );
    assert.deepEqual(tables, ['0']);
  });
  it('keeps the database when the backup is of a newer release', async (t) => {
    const stateDir = await folder(t);
    const [from, into] = [await postgres.createDatabase(), await postgres.createDatabase()];
    const nameOf = (url: string) => url.split('/').at(3)?.split('?')[0];
    await reading(from, async () => {});
    const kept = await reading(into, (store) => store.servers.insert(sampleServer()));
    await postgres.query('update nameplate_schema set version = 1000', nameOf(from));
    const newer = join(stateDir, 'newer.dump');
    await run('db', 'backup', '--to', newer, ...(await configured(stateDir, from)));
    const restore = ['db', 'restore', '--force', '--from', newer, ...(await configured(stateDir, into))];
    await assert.rejects(run(...restore), { kind: 'invalid', message: /a newer Nameplate wrote/ });
    await reading(into, async (store) => {
      assert.equal((await store.servers.find(kept.id))?.id, kept.id);
      assert.equal(await store.restored.at(), undefined);
    });
  });
});
