import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Failure, type FailureKind } from '../../src/model/failure.ts';
import type { ProjectId, ServerId } from '../../src/model/ids.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { openPostgresql } from '../../src/store/postgresql/postgresql.ts';
import { startCuttingProxy } from '../lab/cutting-proxy.ts';
import { type PostgresServer, startPostgres } from '../lab/postgres.ts';
import { INSERT_BY_0_1, ROW_BY_NAME, rowByName } from './operation-of-0.1.ts';
import { sampleServer } from './sample-server.ts';
import { storeLaws } from './store.ts';
import { storeReplicaLaws } from './store-replicas.ts';

const run = promisify(execFile);

let server: PostgresServer;
before(async () => {
  server = await startPostgres({ settings: ['autovacuum = off'] }); // its transactions are commits of somebody too
});
after(() => server.remove());

storeLaws('PostgreSQL', async () => {
  const connection = await server.createDatabase();
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
    close: () => store.close(),
  };
});

describe('PostgreSQL: several replicas', () => {
  storeReplicaLaws(() => server.createDatabase());
});

function failure(kind: FailureKind, words = /./) {
  return (thrown: unknown) => {
    assert.ok(thrown instanceof Failure, String(thrown));
    assert.equal(thrown.kind, kind, thrown.operatorText);
    assert.match(thrown.operatorText, words);
    assert.doesNotMatch(thrown.message, /127\.0\.0\.1|ECONN|SQLSTATE/);
    return true;
  };
}

describe('PostgreSQL that is not there, or goes away', () => {
  it('says what is wrong with an address that it cannot use, and never the password', async () => {
    const good = await server.createDatabase('loopback');
    const secret = new URL(good).password;
    const cases: [string, FailureKind, RegExp][] = [
      [good.replace(secret, 'wrong'), 'unavailable', /password authentication failed/],
      [good.replace(/\/[^/]*$/, '/nowhere'), 'unavailable', /"nowhere" does not exist/],
      [good.replace(`:${server.port}/`, ':1/'), 'unavailable', /ECONNREFUSED/],
      ['postgresql://[bad', 'invalid', /postgresql:\/\/USER/],
    ];
    for (const [connection, kind, words] of cases)
      await assert.rejects(openStore({ connection }), (thrown: Failure) => {
        assert.ok(!thrown.operatorText.includes(secret) && !thrown.operatorText.includes(':wrong'));
        return failure(kind, words)(thrown);
      });
    const sqlalchemy = good.replace('postgresql:', 'postgresql+psycopg2:');
    await (await openStore({ connection: sqlalchemy })).close();
  });

  it('refuses a database that cannot hold every name', async () => {
    await server.query("create database ascii encoding 'SQL_ASCII' template template0 locale 'C'");
    const connection = (await server.createDatabase()).replace(/\/lab_\d+/, '/ascii');
    await assert.rejects(openStore({ connection }), failure('invalid', /SQL_ASCII; accepted is: UTF8/));
  });

  it('fails what is asked while the server is away, and goes on when it is back', async () => {
    const store = await openStore({ connection: await server.createDatabase() });
    const projectId = randomUUID() as ProjectId;
    const make = () => store.servers.insert(sampleServer({ projectId }));
    const made = await Promise.all(Array.from({ length: 12 }, make));
    for (const how of ['fast', 'immediate', 'SIGKILL'] as const) {
      await server.stop(how);
      await assert.rejects(make(), failure('unavailable'));
      await assert.rejects(store.servers.usageOf(projectId), failure('unavailable'));
      await server.start();
      made.push(await make());
      assert.equal((await store.servers.usageOf(projectId)).instances, made.length);
    }
    assert.equal((await store.servers.findMany(made.map(({ id }) => id))).length, made.length);
    await store.close();
  });

  it('lands nothing of a transaction whose server dies under it', async () => {
    const store = await openStore({ connection: await server.createDatabase() });
    const made = sampleServer();
    const work = store.transaction(async (tx) => {
      await tx.servers.insert(made);
      await server.stop('SIGKILL');
      await tx.servers.find(made.id);
    });
    await assert.rejects(work, failure('unavailable'));
    await server.start();
    assert.equal(await store.servers.find(made.id), undefined);
    await store.close();
  });

  for (const when of ['before', 'after'] as const)
    it(`does not know the outcome of a commit that is cut off ${when} it was heard`, async () => {
      const direct = await server.createDatabase('loopback');
      const proxy = await startCuttingProxy(server.port);
      const connection = direct.replace(`:${server.port}/`, `:${proxy.port}/`);
      const store = await openStore({ connection });
      const made = sampleServer();
      proxy.cutAt('commit\0', when);
      await assert.rejects(store.servers.insert(made), failure('outcome-unknown'));
      const again = await store.servers.insert(sampleServer());
      assert.deepEqual(await store.servers.find(again.id), again);
      await store.close();
      await proxy.close();
      const afterwards = await openStore({ connection: direct });
      const found = await afterwards.servers.find(made.id);
      assert.equal(found?.id, when === 'after' ? made.id : undefined);
      await afterwards.close();
    });
});

it('PostgreSQL: names the steps of the operations that release 0.1 left', async () => {
  const connection = await server.createDatabase();
  const old = await openPostgresql(connection);
  await migrate(old, MIGRATIONS.slice(0, 6));
  await old.close();
  const [database] = /lab_\d+/.exec(connection) as RegExpExecArray;
  await server.query(INSERT_BY_0_1, database);
  const store = await openStore({ connection });
  assert.deepEqual((await store.operations.unfinished()).map(rowByName), [ROW_BY_NAME]);
  await store.close();
  await assert.rejects(server.query(INSERT_BY_0_1.replace("'o'", "'p'"), database), /step/);
  await assert.rejects(server.query("update operations set step = 3, notes = '{}'", database), /step/);
});

it('PostgreSQL: goes on when a newer version widens the tables under it', async () => {
  const connection = await server.createDatabase();
  const store = await openStore({ connection });
  const made = await store.servers.insert(sampleServer());
  const update = async () => {
    const seen = await store.servers.find(made.id);
    return store.servers.update(seen ?? made, { updatedAt: 2 });
  };
  await update();
  const [database] = /lab_\d+/.exec(connection) as RegExpExecArray;
  await server.query('alter table servers add column later text', database);
  assert.equal((await update()).generation, 3);
  await store.close();
});

/** Root may mount a small disk; others cannot, and CI says so. */
async function smallDisk(): Promise<{ directory: string; unmount(): Promise<void> } | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'nameplate-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=0777', 'tmpfs', directory]);
  } catch {
    await rm(directory, { recursive: true });
    return undefined;
  }
  await chmod(directory, 0o777);
  return {
    directory,
    async unmount() {
      await run('umount', [directory]);
      await rm(directory, { recursive: true });
    },
  };
}

it('PostgreSQL: says that the disk is full, keeps what it had, and goes on when there is space', async (test) => {
  const disk = await smallDisk();
  if (disk === undefined) return test.skip('needs root, to mount a small disk');
  const own = await startPostgres({ settings: ['fsync = off'] });
  try {
    const place = join(disk.directory, 'place');
    await run('runuser', ['-u', 'postgres', '--', 'mkdir', place]);
    await own.query(`create tablespace small location '${place}'`);
    await own.query('create database small tablespace small');
    const connection = (await own.createDatabase()).replace(/\/lab_\d+/, '/small');
    const filler = join(disk.directory, 'filler');
    await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'count=4']);
    const store = await openStore({ connection });
    const projectId = randomUUID() as ProjectId;
    const kept: ServerId[] = [];
    const write = () =>
      store.servers.insert(sampleServer({ projectId, userData: randomBytes(90_000).toString('base64') }));
    let refusal: unknown;
    while (refusal === undefined && kept.length < 2_000)
      await write().then(
        ({ id }) => kept.push(id),
        (why) => (refusal = why),
      );
    assert.ok(kept.length > 0);
    failure('out-of-space', /No space left/)(refusal);
    assert.equal((await store.servers.findMany(kept)).length, kept.length);
    assert.equal((await store.servers.usageOf(projectId)).instances, kept.length);
    await rm(filler);
    kept.push((await write()).id);
    assert.equal((await store.servers.usageOf(projectId)).instances, kept.length);
    await store.close();
  } finally {
    await own.remove();
    await disk.unmount();
  }
});
