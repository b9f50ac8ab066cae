import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { OperationId, ProjectId, RequestId, ServerId, UserId } from '../../src/model/ids.ts';
import type { MigrationStatus } from '../../src/model/migration.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { purge } from '../../src/store/purge.ts';
import { sampleMigration } from './sample-migration.ts';
import { networkWithSubnet, sampleGroup, samplePort, someProject } from './sample-network.ts';
import { sampleOperation } from './sample-operation.ts';
import { sampleRecord } from './sample-record.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const PURGER = fileURLToPath(new URL('store-purger.ts', import.meta.url));
/** The time before which rows may go, and times on both sides of it. */
const LIMIT = 1_000;
const time = fc.constantFrom(10, LIMIT - 1, LIMIT, LIMIT + 10);
const UNDER_WAY: readonly MigrationStatus[] = ['accepted', 'running', 'finished', 'confirming'];

/** A server, with the last of what was done to it. */
const life = fc.record({
  vmState: fc.constantFrom('active', 'error', 'deleted'),
  updatedAt: time,
  tags: fc.constantFrom<string[][]>([], ['a', 'b']),
  operations: fc.array(
    fc.record({
      state: fc.constantFrom<Operation['state'][]>('running', 'unwinding', 'done', 'undone'),
      updatedAt: time,
      migration: fc.option(fc.constantFrom<MigrationStatus[]>(...UNDER_WAY, 'confirmed', 'error'), {
        nil: undefined,
      }),
    }),
    { maxLength: 3 },
  ),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

interface Lived {
  readonly id: ServerId;
  readonly vmState: string;
  readonly updatedAt: number;
  readonly operations: readonly (Life['operations'][number] & {
    readonly id: OperationId;
    readonly requestId: RequestId;
    readonly number: number | undefined;
  })[];
}

async function live(store: Store, { vmState, updatedAt, tags, operations }: Life): Promise<Lived> {
  const { id } = await store.servers.insert(
    sampleServer({ vmState, tags, createdAt: 1, updatedAt } as Parameters<typeof sampleServer>[0]),
  );
  await store.serials.add(sampleRecord(id));
  const done = [];
  for (const each of operations) done.push({ ...each, ...(await operate(store, id, each)) });
  return { id, vmState, updatedAt, operations: done };
}

async function operate(store: Store, serverId: ServerId, of: Life['operations'][number]) {
  const requestId = `req-${randomUUID()}` as RequestId;
  const { state, updatedAt } = of;
  const operation = sampleOperation({ serverId, requestId, state, createdAt: 1, updatedAt });
  await store.operations.insert(operation);
  await store.operations.log({
    operationId: operation.id,
    step: 's',
    event: 'done',
    tries: 1,
    detail: null,
    at: 1,
  });
  await begin(store, { serverId, requestId, updatedAt });
  const row = { serverId, operationId: operation.id, createdAt: 1, updatedAt };
  const number =
    of.migration === undefined
      ? undefined
      : (await store.migrations.insert(sampleMigration({ ...row, status: of.migration }))).number;
  return { id: operation.id, requestId, number };
}

function begin(store: Store, of: { serverId: ServerId; requestId: RequestId; updatedAt: number }) {
  const [projectId, userId] = ['p' as ProjectId, 'u' as UserId];
  const rest = { action: 'reboot', projectId, userId, startedAt: 1, message: null, events: [] };
  return store.actions.begin({ ...of, ...rest });
}

/** What of it must be there after a purge, and what must not. */
async function check(store: Store, lived: Lived): Promise<void> {
  const deleted = lived.vmState === 'deleted';
  const isOld = (at: number) => at < LIMIT;
  for (const each of lived.operations) {
    const unfinished = each.state === 'running' || each.state === 'unwinding';
    const moves = !deleted && each.migration !== undefined && UNDER_WAY.includes(each.migration);
    const stays = unfinished || !isOld(each.updatedAt) || moves;
    assert.equal((await store.operations.find(each.id)) !== undefined, stays, JSON.stringify(each));
    assert.equal((await store.operations.logOf(each.id)).length, stays ? 1 : 0);
    const keepsHistory = unfinished || !deleted || !isOld(each.updatedAt);
    assert.equal((await store.actions.find(lived.id, each.requestId)) !== undefined, keepsHistory);
    if (each.number !== undefined)
      assert.equal((await store.migrations.find(each.number)) !== undefined, keepsHistory);
  }
  const named = lived.operations.some(({ state, updatedAt }) => !state.includes('done') || !isOld(updatedAt));
  const isNamed = named || lived.operations.some(({ state }) => state === 'running' || state === 'unwinding');
  const goes = deleted && isOld(lived.updatedAt) && !isNamed;
  assert.equal((await store.servers.find(lived.id)) === undefined, goes, JSON.stringify(lived));
  assert.equal(await store.retiredIds.has({ kind: 'server', id: lived.id }), goes);
  if (goes) await assert.rejects(store.servers.insert(sampleServer({ id: lived.id })), { kind: 'conflict' });
  assert.equal((await store.serials.of(lived.id)).length, 1, 'the ledger stays');
}

/** Purges in a process that is killed after so many transactions. */
async function killedAfter(pieces: number, connection: string): Promise<void> {
  const child = spawn(process.execPath, [PURGER, connection, String(LIMIT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = 0;
  for await (const said of child.stdout.setEncoding('utf8')) {
    seen += said.split('\n').length - 1;
    if (seen >= pieces) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
}

/** A deleted server of long ago, with an operation, its action and a migration. */
const OLD: Life = {
  vmState: 'deleted',
  updatedAt: 1,
  tags: ['t'],
  operations: [{ state: 'done', updatedAt: 1, migration: 'confirmed' }],
};

/** Rows of the past go, and nothing that is still named. */
export function storePurgeLaws(the: TheStore): void {
  it('purges what is old and over, and no row that an operation or a migration under way names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
        const { store } = the();
        const lived = [];
        for (const each of lives) lived.push(await live(store, each));
        const foreseen = await purge(store, { before: LIMIT, dryRun: true });
        assert.deepEqual(await purge(store, { before: LIMIT }), foreseen);
        for (const each of lived) await check(store, each);
        assert.deepEqual(await purge(store, { before: LIMIT }), new Map());
      }),
      { numRuns: 12 },
    );
  });

  it('keeps the newest hundred actions of a living server however old they are, and no more', async () => {
    const { store } = the();
    const { id: serverId } = await live(store, { ...OLD, vmState: 'active', operations: [] });
    for (let at = 0; at < 120; at++)
      await store.actions.begin({
        ...{ serverId, requestId: `req-${at}` as RequestId, action: 'reboot', message: null, events: [] },
        ...{ projectId: 'p' as ProjectId, userId: 'u' as UserId, startedAt: at, updatedAt: at },
      });
    assert.deepEqual(await purge(store, { before: LIMIT }), new Map([['instance_actions', 20]]));
    const left = await store.actions.list(serverId, { limit: 999 });
    assert.deepEqual([left.length, left[0]?.startedAt, left.at(-1)?.startedAt], [100, 119, 20]);
    assert.deepEqual(await purge(store, { before: LIMIT }), new Map());
  });

  it('removes no more rows than it may, and the rest another time', async () => {
    const { store } = the();
    for (let n = 0; n < 5; n++) await live(store, OLD);
    let rounds = 0;
    for (let removed = 7; removed === 7; rounds++) {
      removed = [...(await purge(store, { before: LIMIT, maxRows: 7 })).values()].reduce((a, b) => a + b, 0);
      assert.ok(removed <= 7);
    }
    assert.equal(rounds, 3); // 20 rows: 7, 7, 6
    const over = await purge(store, { before: LIMIT });
    assert.deepEqual(over, new Map());
  });

  it('ends between two transactions when it is told to', async () => {
    const { store } = the();
    for (let n = 0; n < 60; n++) await live(store, { ...OLD, operations: [] });
    const ending = new AbortController();
    const onProgress = () => ending.abort();
    const removed = await purge(store, { before: LIMIT, signal: ending.signal, onProgress });
    assert.deepEqual(removed, new Map([['servers', 50]]));
    assert.deepEqual(await purge(store, { before: LIMIT }), new Map([['servers', 10]]));
  });

  it('removes what users and projects that are gone have left, and sums of nothing', async () => {
    const { store } = the();
    const gone = randomUUID() as ProjectId;
    await store.identity.domains.insert({ id: 'd', name: 'd', description: '', enabled: true });
    const project = { domainId: 'd', description: '', enabled: true, tags: [] };
    await store.identity.projects.insert({ ...project, id: 'there' as ProjectId, name: 'there' });
    const group = { userId: 'u' as UserId, name: 'g', policy: 'affinity', maxServerPerHost: null } as const;
    const groups = { gone: randomUUID(), used: randomUUID(), there: randomUUID(), young: randomUUID() };
    await store.groups.insert({ ...group, id: groups.gone, projectId: gone, createdAt: 1 });
    await store.groups.insert({ ...group, id: groups.used, projectId: gone, createdAt: 1 });
    await store.groups.insert({ ...group, id: groups.there, projectId: 'there' as ProjectId, createdAt: 1 });
    await store.groups.insert({ ...group, id: groups.young, projectId: gone, createdAt: LIMIT });
    const member = await store.servers.insert(sampleServer({ groupId: groups.used, projectId: gone }));
    const key = { type: 'ssh', publicKey: 'k', fingerprint: 'f', createdAt: 1 } as const;
    await store.keypairs.insert({ ...key, userId: 'gone' as UserId, name: 'k' });
    for (const id of [gone, 'there' as ProjectId]) await store.quotas.set(id, { cores: 1, ram: 2 });
    const removed = await purge(store, { before: LIMIT });
    assert.deepEqual(
      ['server_groups', 'keypairs', 'quota_limits'].map((table) => removed.get(table as never)),
      [1, 1, 2],
    );
    assert.equal(await store.groups.find(groups.gone), undefined);
    for (const id of [groups.used, groups.there, groups.young]) assert.ok(await store.groups.find(id), id);
    assert.deepEqual(await store.quotas.of('there' as ProjectId), { cores: 1, ram: 2 });
    assert.equal((await store.servers.usageOf(gone)).instances, 1);
    await store.servers.update(member, { vmState: 'deleted', updatedAt: 2 });
    const after = await purge(store, { before: LIMIT });
    assert.deepEqual(
      ['server_groups', 'servers', 'server_usage'].map((table) => after.get(table as never)),
      [1, 1, 1],
    );
    assert.equal((await store.servers.usageOf(gone)).instances, 0);
  });

  it('removes what gone projects have left of the network service, and nothing that is in use', async () => {
    const { store } = the();
    const [gone, there] = [someProject(), someProject()];
    await store.identity.domains.insert({ id: 'dn', name: 'dn', description: '', enabled: true });
    const project = { domainId: 'dn', description: '', enabled: true, tags: [] };
    await store.identity.projects.insert({ ...project, id: there, name: 'there' });
    const ofGone = await store.securityGroups.defaultOf(gone, 1);
    await store.securityGroups.update(ofGone, { tags: ['t'] });
    const ofThere = await store.securityGroups.defaultOf(there, 1);
    const used = sampleGroup({ projectId: gone });
    await store.securityGroups.insert(used);
    const { network } = await networkWithSubnet(store, { tags: ['kept'] });
    const port = await store.ports.insert(samplePort(network, { securityGroupIds: [used.id] }));
    const first = await purge(store, { before: LIMIT });
    assert.deepEqual([first.get('security_groups'), first.get('network_tags')], [1, 1]);
    assert.equal(await store.securityGroups.find(ofGone.id), undefined);
    assert.deepEqual(await store.securityGroups.find(ofThere.id), ofThere);
    assert.deepEqual(await store.securityGroups.find(used.id), used);
    assert.equal((await store.subnets.list({ tags: ['kept'] }, { limit: 9 })).length, 1);
    assert.deepEqual(
      [await store.ports.count(network.projectId), await store.securityGroups.count(there)],
      [1, 1],
    );
    await store.ports.delete(port.id);
    const second = await purge(store, { before: LIMIT });
    assert.equal(second.get('security_groups'), 1);
    assert.equal(await store.securityGroups.count(gone), 0);
    assert.equal(await store.securityGroups.countRules(gone), 0);
    assert.equal(await store.securityGroups.countRules(there), 4);
  });

  it('keeps the limits that hold for all projects', async () => {
    const { quotas } = the().store;
    const everybody = 'class:default' as ProjectId;
    await quotas.set(everybody, { cores: 7 });
    await purge(the().store, { before: LIMIT });
    assert.deepEqual(await quotas.of(everybody), { cores: 7 });
  });

  it('lets others write while it purges', async () => {
    const { store } = the();
    for (let n = 0; n < 80; n++) await live(store, OLD);
    let running = true;
    const purging = purge(store, { before: LIMIT }).finally(() => (running = false));
    const made: ServerId[] = [];
    while (running) made.push((await store.servers.insert(sampleServer({ updatedAt: LIMIT }))).id);
    assert.equal((await purging).get('servers'), 80);
    assert.ok(made.length > 0);
    assert.equal((await store.servers.findMany(made)).length, made.length);
  });

  it('hands rows over before it removes them', async () => {
    const { store } = the();
    const { id } = await live(store, OLD);
    const kept = new Map<string, unknown[]>();
    await purge(store, {
      before: LIMIT,
      async keep(table, rows) {
        if (table === 'servers') assert.ok(await store.servers.find(id));
        kept.set(table, [...(kept.get(table) ?? []), ...rows.map(({ row }) => row.id ?? row.server_id)]);
      },
    });
    assert.deepEqual(kept.get('servers'), [id]);
    assert.deepEqual(kept.get('instance_actions')?.length, 1);
  });

  it('is consistent after SIGKILL in the middle of a purge, which then goes on', async () => {
    const lived: Lived[] = [];
    for (let n = 0; n < 110; n++) lived.push(await live(the().store, OLD));
    await killedAfter(7, the().connection); // in the tables that name servers
    await killedAfter(2, the().connection); // among the servers
    const store = await the().reopen();
    let there = 0;
    for (const { id, operations } of lived) {
      const found = await store.servers.find(id);
      if (found !== undefined) there++;
      assert.equal(await store.retiredIds.has({ kind: 'server', id }), found === undefined);
      for (const each of operations) {
        const row = await store.operations.find(each.id);
        assert.equal((await store.operations.logOf(each.id)).length, row === undefined ? 0 : 1);
      }
    }
    await purge(store, { before: LIMIT });
    for (const each of lived) await check(store, each);
    assert.ok(there > 0, 'it was killed in the middle');
  });

  it('gives a chore to one owner until its time is over', async () => {
    const { chores } = the().store;
    const take = (owner: string, now: number, until: number) =>
      chores.take({ name: 'chore', owner, now, until });
    assert.deepEqual(
      await Promise.all([take('a', 0, 10), take('b', 0, 10), take('c', 0, 10)]).then(
        (given) => given.filter(Boolean).length,
      ),
      1,
    );
    assert.equal(await chores.take({ name: 'other', owner: 'b', now: 0, until: 10 }), true);
    assert.equal(await take('d', 10, 20), true);
    assert.equal(await take('a', 15, 30), false);
    assert.equal(await take('d', 15, 30), false);
    assert.equal(await take('a', 20, 30), true);
    assert.equal(await take('b', 5, 15), true, 'the clock has been set back');
  });
}
