import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { HostName, ProjectId, ServerId, UserId } from '../../../src/model/ids.ts';
import type { Migration } from '../../../src/model/migration.ts';
import type { Server } from '../../../src/model/server.ts';
import { sampleMigration } from '../../laws/sample-migration.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, keysOf, startCompute } from './compute-under-test.ts';

type Shown = Record<string, unknown> & { readonly id: number };
const NOON = Date.parse('2026-11-22T12:00:00Z');
const FIRST = [
  ...['created_at', 'dest_compute', 'dest_host', 'dest_node', 'id', 'instance_uuid', 'new_instance_type_id'],
  ...['old_instance_type_id', 'source_compute', 'source_node', 'status', 'updated_at'],
];
const PROGRESS = ['memory', 'disk'].flatMap((what) =>
  ['total', 'processed', 'remaining'].map((part) => `${what}_${part}_bytes`),
);
const OF_SERVER = [
  ...['created_at', 'dest_compute', 'dest_host', 'dest_node', 'id', 'server_uuid'],
  ...['source_compute', 'source_node', 'status', 'updated_at', ...PROGRESS],
];

describe('migrations', () => {
  let compute: ComputeUnderTest;
  let server: Server;
  let [cold, live, evacuated]: Migration[] = [];
  const made = async (fields: Partial<Migration>): Promise<Migration> =>
    compute.api.store.migrations.insert(
      sampleMigration({ serverId: server.id, createdAt: NOON, updatedAt: NOON, ...fields }),
    );

  before(async () => {
    compute = await startCompute();
    for (const name of ['cmp1', 'cmp2']) await compute.api.store.hosts.report(hostReport(name));
    const host = 'cmp1' as HostName;
    const fields = { host, vmState: 'active', taskState: 'migrating', launchedAt: 1 } as const;
    server = await compute.api.store.servers.insert(sampleServer(fields));
    cold = await made({});
    live = await made({
      type: 'live-migration',
      status: 'running',
      createdAt: NOON + 1000,
      updatedAt: NOON + 1000,
      progress: {
        ...{ memoryTotal: 6, memoryProcessed: 4, memoryRemaining: 2 },
        ...{ diskTotal: 9, diskProcessed: 9, diskRemaining: 0 },
      },
    });
    evacuated = await made({
      serverId: randomUUID() as ServerId,
      type: 'evacuation',
      status: 'done',
      sourceHost: 'gone' as HostName,
      createdAt: NOON + 2000,
      updatedAt: NOON + 2000,
      projectId: 'q' as ProjectId,
      userId: 'v' as UserId,
    });
  });
  after(() => compute.close());

  const list = async (query = '', version = 80): Promise<Shown[]> =>
    (await compute.get<{ migrations: Shown[] }>({ path: `/os-migrations${query}`, version })).migrations;
  const numbers = async (query: string, version = 80) => (await list(query, version)).map(({ id }) => id);

  for (const [version, keys] of [
    [1, FIRST],
    [22, FIRST],
    [23, [...FIRST, 'migration_type']],
    [58, [...FIRST, 'migration_type']],
    [59, [...FIRST, 'migration_type', 'uuid']],
    [79, [...FIRST, 'migration_type', 'uuid']],
    [80, [...FIRST, 'migration_type', 'uuid', 'project_id', 'user_id']],
    [93, [...FIRST, 'migration_type', 'uuid', 'project_id', 'user_id']],
  ] as const)
    test(`the shape at 2.${version}`, async () => {
      const [third, second, first] = await list('', version);
      assert.deepEqual(keysOf(first), keys.toSorted());
      assert.deepEqual(keysOf(third), keys.toSorted());
      assert.deepEqual(keysOf(second), [...keys, ...(version >= 23 ? ['links'] : [])].toSorted());
      assert.deepEqual(
        [first!.source_compute, first!.source_node, first!.dest_compute, first!.dest_node, first!.dest_host],
        ['cmp1', 'cmp1.example.org', 'cmp2', 'cmp2.example.org', '192.0.2.7'],
      );
      assert.deepEqual([first!.old_instance_type_id, first!.new_instance_type_id], [1, null]);
      assert.equal(first!.created_at, '2026-11-22T12:00:00.000000');
    });

  test('links of a live migration that is under way lead to it', async () => {
    const [shown] = await list('?migration_type=live-migration');
    const [self] = shown!.links as { rel: string; href: string }[];
    assert.match(self!.href, new RegExp(`/compute/v2.1/servers/${server.id}/migrations/${live!.number}$`));
  });

  test('filters', async () => {
    const [one, two, three] = [cold!.number, live!.number, evacuated!.number];
    for (const [query, expected] of [
      ['?status=running', [two]],
      ['?status=zz', []],
      ['?host=cmp2', [three, two, one]],
      ['?host=cmp1', [two, one]],
      ['?source_compute=gone', [three]],
      ['?migration_type=migration', [one]],
      ['?migration_type=zz', []],
      [`?instance_uuid=${server.id}`, [two, one]],
      ['?user_id=v', [three]],
      ['?project_id=p', [two, one]],
      ['?changes-since=2026-11-22T12:00:01Z', [three, two]],
      ['?changes-before=2026-11-22T12:00:01', [two, one]],
      ['?hidden=1', []],
      ['?hidden=0', [three, two, one]],
    ] as const)
      assert.deepEqual(await numbers(query), expected, query);
  });

  test('pages, by uuid', async () => {
    const page = await compute.get<{ migrations: Shown[]; migrations_links: { href: string }[] }>({
      path: '/os-migrations?limit=2',
      version: 59,
    });
    assert.deepEqual(
      page.migrations.map(({ id }) => id),
      [evacuated!.number, live!.number],
    );
    const next = new URL(page.migrations_links[0]!.href);
    assert.equal(next.searchParams.get('marker'), live!.uuid);
    assert.deepEqual(await numbers(next.search, 59), [cold!.number]);
    assert.equal((await numbers('?limit=1&marker=x', 58)).length, 3);
  });

  test('bad input', async () => {
    for (const [query, version] of [
      ['?zz=1', 59],
      ['?limit=x', 59],
      ['?marker=zz', 59],
      ['?changes-since=x', 59],
      ['?changes-before=2026-11-22', 65],
      ['?changes-since=2026-11-23&changes-before=2026-11-22', 66],
      ['?user_id=x', 79],
    ] as const)
      await compute.get({ path: `/os-migrations${query}`, version }, 400);
    await compute.get({ path: '/os-migrations', token: compute.member.token }, 403);
  });

  for (const [version, more] of [
    [23, []],
    [58, []],
    [59, ['uuid']],
    [80, ['uuid', 'project_id', 'user_id']],
  ] as const)
    test(`those of a server at 2.${version}: live, and under way`, async () => {
      const path = `/servers/${server.id}/migrations`;
      const { migrations } = await compute.get<{ migrations: Shown[] }>({ path, version });
      assert.equal(migrations.length, 1);
      assert.deepEqual(keysOf(migrations[0]), [...OF_SERVER, ...more].toSorted());
      assert.deepEqual([migrations[0]!.memory_remaining_bytes, migrations[0]!.disk_total_bytes], [2, 9]);
      const one = `${path}/${live!.number}`;
      assert.deepEqual(await compute.get({ path: one, version }), { migration: migrations[0] });
      await compute.get({ path, version: 22 }, 404);
    });

  test('what is not a live migration under way is not shown', async () => {
    const message = async (number: number | string) => {
      const path = `/servers/${server.id}/migrations/${number}`;
      const answer = await compute.get<{ itemNotFound: { message: string } }>({ path, version: 23 }, 404);
      return answer.itemNotFound.message;
    };
    const over = await made({ type: 'live-migration', status: 'completed' });
    assert.equal(await message(99), `In-progress live migration 99 is not found for server ${server.id}.`);
    assert.equal(
      await message(cold!.number),
      `Migration ${cold!.number} for server ${server.id} is not live-migration.`,
    );
    assert.equal(
      await message(over.number),
      `Live migration ${over.number} for server ${server.id} is not in progress.`,
    );
    for (const other of ['x', '9'.repeat(30), evacuated!.number])
      assert.match(await message(other), /not found/);
  });

  test('abort and force_complete are refused in Nova’s words where they cannot be', async () => {
    const { store } = compute.api;
    const waiting = await made({ type: 'live-migration', status: 'queued' });
    const ended = await made({ type: 'live-migration', status: 'completed' });
    const still = await store.servers.insert(
      sampleServer({ host: 'cmp1' as HostName, vmState: 'active', taskState: null }),
    );
    const rebuilt = await store.servers.insert(
      sampleServer({ host: 'cmp1' as HostName, vmState: 'active', taskState: 'rebuilding' }),
    );
    const wrong = (number: number, status: string, method: string) =>
      `Migration ${number} state of instance ${server.id} is ${status}. Cannot ${method} while the migration is in this state.`;
    for (const [id, number, version, status, message] of [
      [still.id, 1, 24, 409, `Instance ${still.id} is in an invalid state for 'abort live migration'`],
      [
        ...[rebuilt.id, 1, 24, 409],
        `Cannot 'abort live migration' instance ${rebuilt.id} while it is in task_state rebuilding`,
      ],
      [server.id, 99, 24, 404, `Migration 99 not found for instance ${server.id}`],
      [server.id, waiting.number, 64, 400, wrong(waiting.number, 'queued', 'abort live migration')],
      [server.id, ended.number, 65, 400, wrong(ended.number, 'completed', 'abort live migration')],
      [randomUUID(), 1, 24, 404, 'could not be found.'],
      [server.id, 1, 23, 404, 'The resource could not be found.'],
    ] as [string, number, number, number, string][]) {
      const path = `/servers/${id}/migrations/${number}`;
      const answer = await compute.get({ method: 'DELETE', path, version }, status);
      const [fault] = Object.values(answer) as [{ message: string }];
      assert.ok(fault.message.endsWith(message), fault.message);
    }
    for (const [id, number, body, version, status] of [
      [still.id, 1, { force_complete: null }, 22, 409],
      [server.id, 99, { force_complete: null }, 22, 400],
      [server.id, waiting.number, { force_complete: null }, 22, 400],
      [server.id, waiting.number, { force_complete: {} }, 22, 400],
      [server.id, waiting.number, { zz: null }, 22, 400],
      [server.id, waiting.number, { force_complete: null }, 21, 404],
    ] as const)
      await compute.get(
        { method: 'POST', path: `/servers/${id}/migrations/${number}/action`, body, version },
        status,
      );
    const { token } = compute.member;
    const path = `/servers/${server.id}/migrations/${live!.number}`;
    await compute.get({ method: 'DELETE', path, version: 24, token }, 403);
  });
});
