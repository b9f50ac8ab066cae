import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ServerId } from '../../src/model/ids.ts';
import { OPERATION_KINDS } from '../../src/operations/kinds/operation-kinds.ts';
import { type PostgresServer, startPostgres } from '../lab/postgres.ts';
import { heldOf, type WholeServer } from '../lab/whole-server.ts';
import { LAYOUTS, UPGRADE_CASES, type UpgradeCase } from './cases.ts';
import { databaseOf, restorePostgresql } from './dump-postgresql.ts';
import { restoreSqlite } from './dump-sqlite.ts';
import { asKnownTo, endOfServer } from './end-of-server.ts';
import { type Fixture, fileNameOf, fixtureFiles, readFixture, SCRATCH, unpackFolder } from './fixture.ts';
import { type PresentCloud, startPresentCloud } from './present-cloud.ts';
import { send } from './requests.ts';
import { UncrashedRuns } from './uncrashed-runs.ts';

const EVERY_CASE = process.env.NAMEPLATE_LONG === '1';

const caseOf = (name: string) => UPGRADE_CASES.find((each) => fileNameOf(each.name) === name);
const ALL = fixtureFiles();
const CHOSEN = ALL.filter(({ name }) => EVERY_CASE || caseOf(name)?.brief);
const scope = EVERY_CASE ? 'every case' : 'one case of each kind; NAMEPLATE_LONG=1 takes every case';

describe(`what earlier releases left when they were killed goes on under this one (${scope})`, () => {
  let postgres: PostgresServer;
  const uncrashed = new UncrashedRuns();
  before(async () => {
    postgres = await startPostgres({ below: SCRATCH });
  });
  after(async () => {
    await uncrashed.close();
    await postgres.remove();
  });

  for (const { path, release, store, name } of CHOSEN)
    it(`${release} on ${store}: ${name}`, { timeout: 120_000 }, async () => {
      const of = caseOf(name);
      assert.ok(of, 'the case is still known');
      const { cloud, fixture } = await opened(path, of);
      try {
        await cloud.idle();
        await beginTheRest(cloud, of, fixture);
        for (const left of fixture.servers) {
          const end = await endOfServer(cloud, left.id);
          const label = `${left.way}, killed at '${left.boundary}'`;
          if (of.meanwhile === 'delete') assertGone(end, label);
          else {
            const expected = await uncrashed.endOf(of, left.way, fixture.failing);
            assert.deepEqual(asKnownTo(release, end), asKnownTo(release, expected), label);
          }
        }
        await assertAllCanBeDeleted(cloud);
      } finally {
        await cloud.close();
      }
    });

  /** The cloud that a release left, started by the present code. */
  async function opened(path: string, { layout }: UpgradeCase) {
    const folder = await mkdtemp(join(SCRATCH, 'nameplate-upgrade-'));
    const fixture = readFixture(path, folder);
    await unpackFolder(fixture.files, folder);
    return {
      fixture,
      cloud: await startPresentCloud({
        folder,
        layout: LAYOUTS[layout],
        connection: await restored(fixture, folder),
      }),
    };
  }

  /** @returns the connection of a store that holds what the fixture's held */
  async function restored({ store, sql }: Fixture, folder: string): Promise<string> {
    if (store === 'sqlite') return restoreSqlite(join(folder, 'nameplate.sqlite'), sql);
    const url = await postgres.createDatabase();
    await restorePostgresql(postgres, databaseOf(url), { sql, folder });
    return url;
  }
});

describe('the upgrade cases', () => {
  it('are of every kind of operation', () => {
    const kinds = new Set<string>(UPGRADE_CASES.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), OPERATION_KINDS.map(({ kind }) => kind).sort());
  });

  for (const release of new Set(ALL.map((file) => file.release)))
    for (const store of ['sqlite', 'postgresql'])
      it(`have a fixture each of release ${release} on ${store}`, () => {
        const found = ALL.filter((file) => file.release === release && file.store === store);
        const had = UPGRADE_CASES.filter(
          ({ since = '0.1.0' }) => since.localeCompare(release, 'en', { numeric: true }) <= 0,
        );
        assert.deepEqual(
          found.map(({ name }) => name).sort(),
          had.map(({ name }) => fileNameOf(name)).sort(),
        );
      });
});

/** Operations that the earlier release had not begun, on servers that it prepared. */
async function beginTheRest({ client, idle }: PresentCloud, of: UpgradeCase, { servers }: Fixture) {
  for (const { id, boundary } of servers) if (boundary === 'not begun') await send(client, of.request, id);
  await idle();
}

/** What the server went through before its deletion depends on where that came. */
function assertGone({ server, guest, elsewhere, underWay }: WholeServer, label: string): void {
  const { vmState, taskState } = server;
  assert.deepEqual(
    { vmState, taskState, guest, elsewhere, underWay },
    { vmState: 'deleted', taskState: null, guest: undefined, elsewhere: {}, underWay: 0 },
    label,
  );
}

/** Nothing is left on the hosts then, and nothing claimed of them. */
async function assertAllCanBeDeleted(cloud: PresentCloud): Promise<void> {
  const { store, client } = cloud;
  const servers = await store.servers.list({}, { limit: 1_000 });
  for (const { id } of servers) await client.ask('DELETE', `/servers/${id}`);
  await cloud.idle();
  assert.deepEqual(await store.servers.list({}, { limit: 1_000 }), []);
  for (const { id } of servers) assert.deepEqual(await heldOf(cloud, id as ServerId), []);
  const usage = await store.servers.usageOfHosts();
  assert.ok(usage.size > 0);
  for (const [host, held] of usage)
    assert.deepEqual(held, { instances: 0, cores: 0, ramMb: 0, diskGb: 0 }, host);
}
