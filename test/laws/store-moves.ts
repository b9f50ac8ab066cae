import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { FlavorId, HostName, OperationId, ProjectId, ServerId, UserId } from '../../src/model/ids.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { ServerGroup } from '../../src/model/server-group.ts';
import type { MigrationFilter } from '../../src/store/promise/migrations.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const someProject = () => randomUUID() as ProjectId;
const someHost = () => randomUUID() as HostName;

const group = (fields: Partial<ServerGroup> = {}): ServerGroup => ({
  id: randomUUID(),
  projectId: 'p' as ProjectId,
  userId: 'u' as UserId,
  name: 'g',
  policy: 'anti-affinity',
  maxServerPerHost: null,
  createdAt: 1,
  ...fields,
});

const migration = (fields: Partial<Migration> = {}): Omit<Migration, 'number'> => ({
  uuid: randomUUID(),
  serverId: randomUUID() as ServerId,
  operationId: randomUUID() as OperationId,
  type: 'live-migration',
  status: 'accepted',
  sourceHost: someHost(),
  destHost: null,
  oldFlavorId: '1' as FlavorId,
  newFlavorId: '1' as FlavorId,
  projectId: 'p' as ProjectId,
  userId: 'u' as UserId,
  progress: null,
  createdAt: 10,
  updatedAt: 10,
  ...fields,
});

/** Which servers belong together, and where they went. */
export function storeMoveLaws(the: TheStore): void {
  it('keeps server groups, and lists those of a project', async () => {
    const { groups } = the().store;
    const projectId = someProject();
    const made = [
      group({ projectId, maxServerPerHost: 3 }),
      group(),
      group({ projectId }),
      group({ projectId }),
    ];
    for (const one of made) await groups.insert(one);
    const [a, , b, c] = made as [ServerGroup, ServerGroup, ServerGroup, ServerGroup];
    await assert.rejects(groups.insert(a), { kind: 'conflict' });
    assert.deepEqual(await groups.find(a.id), a);
    assert.deepEqual(await groups.list({ projectId }, { limit: 9 }), [a, b, c]);
    assert.deepEqual(await groups.list({ projectId }, { limit: 1, offset: 1 }), [b]);
    assert.deepEqual(await groups.list({ projectId }, { limit: 9, marker: b.id }), [c]);
    assert.deepEqual(await groups.list({}, { limit: 9 }), made);
    await assert.rejects(groups.list({}, { limit: 9, marker: 'x' }), { kind: 'invalid' });
    assert.equal(await groups.count(projectId), 3);
    assert.equal(await groups.delete(b.id), true);
    assert.equal(await groups.delete(b.id), false);
    assert.equal(await groups.count(projectId), 2);
  });

  it('knows the members of a group, and where they are', async () => {
    const { groups, servers } = the().store;
    const { id } = group();
    const one = await servers.insert(sampleServer({ groupId: id }));
    const two = await servers.insert(sampleServer({ groupId: id, host: someHost() }));
    await servers.insert(sampleServer({ groupId: randomUUID() }));
    const member = ({ id: server, host, projectId, userId }: typeof one) => ({
      id: server,
      host,
      projectId,
      userId,
    });
    assert.deepEqual(await groups.members(id), [member(one), member(two)]);
    assert.equal(await groups.countMembers(id), 2);
    await servers.update(two, { vmState: 'deleted' });
    assert.deepEqual(await groups.members(id), [member(one)]);
    assert.equal(await groups.countMembers(id), 1);
    assert.deepEqual(await groups.members(randomUUID()), []);
  });

  it('keeps room to go back to while a move across hosts waits', async () => {
    const { servers } = the().store;
    const [here, there, projectId] = [someHost(), someHost(), someProject()];
    const nothing = { instances: 0, cores: 0, ramMb: 0, diskGb: 0 };
    const before = { instances: 1, cores: 2, ramMb: 512, diskGb: 17 };
    let server = await servers.insert(sampleServer({ host: here, projectId }));
    const flavor = { ...server.flavor, vcpus: 8, ramMb: 1_024, swapMb: 0 };
    server = await servers.update(server, { host: there, oldHost: here, flavor, oldFlavor: server.flavor });
    assert.equal(server.oldHost, here);
    assert.deepEqual(await servers.find(server.id), server);
    const after = { instances: 1, cores: 8, ramMb: 1_024, diskGb: 15 };
    assert.deepEqual(await servers.usageOfHost(here), before);
    assert.deepEqual(await servers.usageOfHost(there), after);
    assert.deepEqual(await servers.usageOf(projectId), { instances: 1, cores: 8, ramMb: 1_024 });
    const all = await servers.usageOfHosts();
    assert.deepEqual([all.get(here), all.get(there)], [before, after]);
    server = await servers.update(server, { oldHost: null, oldFlavor: null });
    assert.deepEqual(await servers.usageOfHost(here), nothing);
    server = await servers.update(server, { oldHost: there, oldFlavor: sampleServer().flavor });
    assert.deepEqual(await servers.usageOfHost(there), { instances: 1, cores: 10, ramMb: 1_536, diskGb: 32 });
    server = await servers.update(server, { oldHost: here, oldFlavor: null });
    assert.deepEqual(await servers.usageOfHost(here), after);
    await servers.update(server, { vmState: 'deleted' });
    for (const host of [here, there]) assert.deepEqual(await servers.usageOfHost(host), nothing);
  });

  it('keeps a migration through its life', async () => {
    const { migrations } = the().store;
    const asked = migration();
    const made = await migrations.insert(asked);
    assert.deepEqual(made, { ...asked, number: made.number });
    await assert.rejects(migrations.insert(asked), { kind: 'conflict' });
    const progress = {
      memoryTotal: 5_000_000_000,
      memoryProcessed: 1,
      memoryRemaining: 2,
      diskTotal: 3,
      diskProcessed: 4,
      diskRemaining: 5,
    };
    const patch = { status: 'running', destHost: someHost(), progress, updatedAt: 20 } as const;
    const running = { ...made, ...patch };
    assert.deepEqual(await migrations.update(made.number, patch), running);
    for (const found of [
      await migrations.find(made.number),
      await migrations.findByUuid(made.uuid),
      await migrations.ofOperation(made.operationId),
    ])
      assert.deepEqual(found, running);
    const ended = await migrations.update(made.number, { progress: null, updatedAt: 30 });
    assert.deepEqual(ended, { ...running, progress: null, updatedAt: 30 });
    await assert.rejects(migrations.update(9_999, { updatedAt: 1 }), { kind: 'not-found' });
    assert.equal(await migrations.findByUuid('none'), undefined);
  });

  it('lists migrations newest first, by filter and page', async () => {
    const { migrations } = the().store;
    const [projectId, from, to] = [someProject(), someHost(), someHost()];
    const make = (fields: Partial<Migration>) => migrations.insert(migration({ projectId, ...fields }));
    const a = await make({ sourceHost: from, destHost: to, createdAt: 1, updatedAt: 50 });
    const b = await make({ sourceHost: to, destHost: from, createdAt: 1, type: 'resize' });
    const c = await make({ status: 'error', userId: 'other' as UserId, createdAt: 0, updatedAt: 30 });
    const cases: [MigrationFilter, Migration[]][] = [
      [{}, [b, a, c]],
      [{ host: from }, [b, a]],
      [{ sourceHost: from }, [a]],
      [{ destHost: from }, [b]],
      [{ serverId: c.serverId }, [c]],
      [{ status: 'error' }, [c]],
      [{ statuses: ['error', 'done'] }, [c]],
      [{ statuses: [] }, []],
      [{ type: 'resize' }, [b]],
      [{ userId: 'other' as UserId }, [c]],
      [{ changedSince: 30 }, [a, c]],
      [{ changedSince: 30, changedBefore: 30 }, [c]],
      [{ hidden: false }, [b, a, c]],
      [{ hidden: true }, []],
    ];
    for (const [filter, expected] of cases)
      assert.deepEqual(
        await migrations.list({ projectId, ...filter }, { limit: 9 }),
        expected,
        JSON.stringify(filter),
      );
    assert.deepEqual(await migrations.list({ projectId }, { limit: 1, marker: b.uuid }), [a]);
    await assert.rejects(migrations.list({}, { limit: 9, marker: 'x' }), {
      kind: 'invalid',
      message: 'marker [x] not found',
    });
  });
}
