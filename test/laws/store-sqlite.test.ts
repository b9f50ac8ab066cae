import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { Failure } from '../../src/model/failure.ts';
import type { HostName, ProjectId, ServerId } from '../../src/model/ids.ts';
import { firstTables } from '../../src/store/migrations/0001-first-tables.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { purge } from '../../src/store/purge.ts';
import { listServerVersions } from '../../src/store/queries/server-list.ts';
import { rowOfServer } from '../../src/store/queries/server-row.ts';
import type { Session } from '../../src/store/sql/session.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { INSERT_BY_0_1, ROW_BY_NAME, rowByName } from './operation-of-0.1.ts';
import { type NewServer, sampleServer } from './sample-server.ts';
import { type OpenedStore, storeLaws } from './store.ts';

const run = promisify(execFile);
const scratch = () => mkdtemp(join(tmpdir(), 'nameplate-store-'));

async function open(): Promise<OpenedStore> {
  const directory = await scratch();
  const connection = `sqlite:///${join(directory, 'store.sqlite')}`;
  let store = await openStore({ connection });
  return {
    get store() {
      return store;
    },
    connection,
    async reopen() {
      await store.close();
      store = await openStore({ connection });
      return store;
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

storeLaws('SQLite', open);

it('keeps the file for its owner alone, and leaves nothing but it after a close', async () => {
  const directory = await scratch();
  try {
    const store = await openStore({ connection: `sqlite:///${directory}/s.sqlite` });
    for (const name of await readdir(directory))
      assert.equal((await stat(join(directory, name))).mode & 0o077, 0, name);
    await store.close();
    assert.deepEqual(await readdir(directory), ['s.sqlite']);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('gives the space of removed rows back to the file system, piece by piece', async () => {
  const directory = await scratch();
  const file = `${directory}/s.sqlite`;
  try {
    const store = await openStore({ connection: `sqlite:///${file}` });
    const size = await fill(store, file);
    assert.equal(store.rebuild, undefined);
    let pieces = 1;
    while (await store.reclaimSpace()) pieces++;
    await store.close();
    assert.ok(pieces > 1);
    assert.ok((await stat(file)).size < size / 4, `${(await stat(file)).size} of ${size}`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('can write a database anew that an earlier version made, and gives space back from then on', async () => {
  const directory = await scratch();
  const file = `${directory}/s.sqlite`;
  try {
    const raw = new DatabaseSync(file);
    raw.exec('pragma auto_vacuum = none; create table earlier (a)');
    raw.close();
    const store = await openStore({ connection: `sqlite:///${file}` });
    const size = await fill(store, file);
    assert.equal(await store.reclaimSpace(), false);
    const kept = await store.servers.insert(sampleServer());
    assert.ok(store.rebuild !== undefined);
    await store.rebuild();
    assert.ok((await stat(file)).size < size / 4);
    assert.equal(store.rebuild, undefined);
    assert.deepEqual(await store.servers.find(kept.id), kept);
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** Makes the file large, and purges what made it so. @returns how large it was; bytes */
async function fill(store: Store, file: string): Promise<number> {
  const userData = 'x'.repeat(60_000);
  const old = () => sampleServer({ userData, vmState: 'deleted', createdAt: 1, updatedAt: 1 });
  await Promise.all(Array.from({ length: 100 }, () => store.servers.insert(old())));
  assert.deepEqual(await purge(store, { before: 2 }), new Map([['servers', 100]]));
  return (await stat(file)).size + (await stat(`${file}-wal`)).size;
}

it('refuses a store that a newer version wrote, and leaves it as it is', async () => {
  const directory = await scratch();
  try {
    const connection = `sqlite:///${directory}/s.sqlite`;
    await (await openStore({ connection })).close();
    const raw = new DatabaseSync(`${directory}/s.sqlite`);
    raw.exec('update nameplate_schema set version = 900');
    raw.close();
    await assert.rejects(openStore({ connection }), { kind: 'invalid', message: /version 900/ });
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('takes over what version 1 wrote', async () => {
  const directory = await scratch();
  try {
    const first = openSqlite(`${directory}/s.sqlite`);
    await migrate(first, [firstTables]);
    await first.close();
    const raw = new DatabaseSync(`${directory}/s.sqlite`);
    const {
      oldHost: _,
      groupId: __,
      destHost: ___,
      destFlavor: ____,
      resizeTo: _______,
      ...before
    } = sampleServer();
    const insert = (table: string, row: Record<string, string | number | null>) => {
      const names = Object.keys(row);
      raw
        .prepare(`insert into ${table} (${names.join()}) values (${names.map(() => '?').join()})`)
        .run(...Object.values(row));
    };
    const { old_host: _____, group_id: ______, ...row } = rowOfServer(before as NewServer);
    insert('servers', row);
    insert('operations', {
      id: 'o',
      kind: 'create-server',
      server_id: row.id,
      state: 'running',
      unfinished: 1,
      step: 2,
      input: '{}',
      notes: '{}',
      failure: null,
      cancelled: 0,
      request_id: 'r',
      project_id: 'p',
      user_id: 'u',
      created_at: 1,
      updated_at: 1,
    });
    raw.close();
    const store = await openStore({ connection: `sqlite:///${directory}/s.sqlite` });
    const server = await store.servers.find(before.id);
    assert.deepEqual(server, { ...sampleServer(before), number: 1 });
    const host = 'h' as HostName;
    if (server !== undefined) await store.servers.update(server, { host });
    assert.equal((await store.servers.usageOfHost(host)).cores, before.flavor.vcpus);
    const by = { owner: 'replica', now: 1, leaseUntil: 2, limit: 9 };
    assert.deepEqual(
      (await store.operations.takeOver(by)).map(({ id, step, version }) => [id, step, version]),
      [['o', 'define', 1]],
    );
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('names the steps of the operations that release 0.1 left, and lets that release write none any more', async () => {
  const directory = await scratch();
  try {
    const path = `${directory}/s.sqlite`;
    const old = openSqlite(path);
    await migrate(old, MIGRATIONS.slice(0, 6));
    await old.close();
    const raw = new DatabaseSync(path);
    raw.exec(INSERT_BY_0_1);
    const store = await openStore({ connection: `sqlite:///${path}` });
    assert.deepEqual((await store.operations.unfinished()).map(rowByName), [ROW_BY_NAME]);
    await store.close();
    assert.throws(() => raw.exec(INSERT_BY_0_1.replace("'o'", "'p'")), /step/);
    assert.throws(() => raw.exec("update operations set step = 3, notes = '{}'"), /step/);
    raw.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('says what is wrong with an address or a file that it cannot use', async () => {
  const directory = await scratch();
  const operatorText = (words: RegExp) => (thrown: unknown) =>
    thrown instanceof Failure && thrown.kind === 'unavailable' && words.test(thrown.operatorText);
  try {
    await assert.rejects(openStore({ connection: 'mysql://db/x' }), { kind: 'invalid' });
    await assert.rejects(openStore({ connection: 'sqlite://' }), { kind: 'invalid' });
    await assert.rejects(
      openStore({ connection: `sqlite:///${directory}/no/such.sqlite` }),
      operatorText(/no\/such\.sqlite cannot be used: it, or a folder above it, does not exist/),
    );
    await writeFile(`${directory}/text.sqlite`, 'not a database '.repeat(100));
    await assert.rejects(
      openStore({ connection: `sqlite:///${directory}/text.sqlite` }),
      operatorText(/text\.sqlite is not a SQLite database/),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('reads the usual pages from an index alone', async () => {
  const directory = await scratch();
  try {
    await (await openStore({ connection: `sqlite:///${directory}/s.sqlite` })).close();
    const database = openSqlite(`${directory}/s.sqlite`);
    const plans: string[] = [];
    const explaining: Session = {
      dialect: database.dialect,
      transaction: database.transaction,
      lockingTransaction: database.lockingTransaction,
      isRemote: false,
      async all(query) {
        const steps = await database.all({ ...query, sql: `explain query plan ${query.sql}` });
        plans.push((steps as { detail: string }[]).map(({ detail }) => detail).join('; '));
        return [{ created_at: 1, number: 1 }];
      },
    };
    const project = { projectId: 'p' as ProjectId };
    await listServerVersions(explaining, project, { limit: 50 });
    await listServerVersions(explaining, {}, { limit: 50 });
    await listServerVersions(explaining, project, { limit: 50, marker: 'x' });
    assert.deepEqual(plans, [
      'SEARCH servers USING COVERING INDEX servers_of_project (project_id=? AND deleted=?)',
      'SEARCH servers USING COVERING INDEX servers_of_all (deleted=?)',
      'SEARCH servers USING INDEX sqlite_autoindex_servers_1 (id=?)',
      'SEARCH servers USING COVERING INDEX servers_of_project (project_id=? AND deleted=? AND created_at<?)',
    ]);
    await database.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('rolls back a transaction that waits for what never comes, and goes on', async (test) => {
  const opened = await open();
  test.mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const server = sampleServer();
    const inserted = Promise.withResolvers<void>();
    const stuck = opened.store.transaction(async (tx) => {
      await tx.servers.insert(server);
      inserted.resolve();
      await Promise.withResolvers().promise;
    });
    const next = opened.store.servers.insert(sampleServer());
    await inserted.promise;
    test.mock.timers.tick(10_000);
    await assert.rejects(stuck, { kind: 'internal' });
    assert.equal(await opened.store.servers.find(server.id), undefined);
    assert.deepEqual(await opened.store.servers.find((await next).id), await next);
  } finally {
    test.mock.timers.reset();
    await opened.close();
  }
});

/** Root may mount a small disk; others cannot, and CI says so. */
async function smallDisk(): Promise<{ directory: string; unmount(): Promise<void> } | undefined> {
  const directory = await scratch();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory]);
  } catch {
    await rm(directory, { recursive: true });
    return undefined;
  }
  return {
    directory,
    async unmount() {
      await run('umount', [directory]);
      await rm(directory, { recursive: true });
    },
  };
}

it('says that the disk is full, keeps what it had, and goes on when there is space', async (test) => {
  const disk = await smallDisk();
  if (disk === undefined) return test.skip('needs root, to mount a small disk');
  try {
    const filler = join(disk.directory, 'filler');
    await writeFile(filler, Buffer.alloc(700_000));
    const store = await openStore({ connection: `sqlite:///${disk.directory}/s.sqlite` });
    const projectId = randomUUID() as ProjectId;
    const kept: ServerId[] = [];
    const userData = 'x'.repeat(20_000);
    const write = () => store.servers.insert(sampleServer({ projectId, userData }));
    let refusal: unknown;
    while (refusal === undefined && kept.length < 500)
      await write().then(
        ({ id }) => kept.push(id),
        (why) => (refusal = why),
      );
    assert.ok(refusal instanceof Failure && refusal.kind === 'out-of-space', String(refusal));
    assert.ok(kept.length > 0);
    await assert.rejects(Promise.all([write(), write()]), { kind: 'out-of-space' });
    assert.equal((await store.servers.findMany(kept)).length, kept.length);
    assert.equal((await store.servers.usageOf(projectId)).instances, kept.length);
    await rm(filler);
    kept.push((await write()).id);
    assert.equal((await store.servers.usageOf(projectId)).instances, kept.length);
    await store.close();
    const again = await openStore({ connection: `sqlite:///${disk.directory}/s.sqlite` });
    assert.equal((await again.servers.findMany(kept)).length, kept.length);
    assert.equal((await again.servers.listVersions({ projectId }, { limit: 999 })).length, kept.length);
    await again.close();
  } finally {
    await disk.unmount();
  }
});
