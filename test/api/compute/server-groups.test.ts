import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ProjectId } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

interface Group {
  readonly id: string;
  readonly name: string;
  readonly members: string[];
  readonly policies?: string[];
  readonly policy?: string;
  readonly rules?: object;
}
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const FIRST = ['id', 'members', 'metadata', 'name', 'policies'];
const OWNED = [...FIRST, 'project_id', 'user_id'];
const RULED = ['id', 'members', 'name', 'policy', 'project_id', 'rules', 'user_id'];

describe('server groups', () => {
  let compute: ComputeUnderTest;
  before(async () => {
    compute = await startCompute();
    await compute.get({
      method: 'PUT',
      path: `/os-quota-sets/${compute.api.adminProject}`,
      body: { quota_set: { server_groups: -1 } },
    });
  });
  after(() => compute.close());

  const ask = (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    how: { body?: unknown; version?: number; token?: string } = {},
  ) => compute.ask({ method, path: `/os-server-groups${path}`, ...how });
  const make = async (version: number, fields: object, token = compute.admin): Promise<Group> => {
    const answer = await ask('POST', '', {
      body: { server_group: { name: 'g', ...fields } },
      version,
      token,
    });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json().server_group;
  };
  const show = async (id: string, version: number): Promise<Group> =>
    (await ask('GET', `/${id}`, { version })).json().server_group;

  for (const [version, keys, fields] of [
    [1, FIRST, { policies: ['affinity'] }],
    [12, FIRST, { policies: ['anti-affinity'] }],
    [13, OWNED, { policies: ['affinity'] }],
    [15, OWNED, { policies: ['soft-affinity'] }],
    [63, OWNED, { policies: ['soft-anti-affinity'] }],
    [64, RULED, { policy: 'anti-affinity', rules: { max_server_per_host: 3 } }],
    [93, RULED, { policy: 'soft-affinity' }],
  ] as const)
    test(`the shape at 2.${version}`, async () => {
      const made = await make(version, fields);
      assert.deepEqual(keysOf(made), keys.toSorted());
      assert.deepEqual(await show(made.id, version), made);
      const listed = (await ask('GET', '', { version })).json().server_groups as Group[];
      assert.deepEqual(
        listed.find(({ id }) => id === made.id),
        made,
      );
      assert.deepEqual(made.members, []);
      assert.deepEqual((await ask('DELETE', `/${made.id}`, { version })).statusCode, 204);
      assert.equal((await ask('GET', `/${made.id}`)).statusCode, 404);
    });

  test('one group, in old and new words', async () => {
    const { id } = await make(64, { policy: 'anti-affinity', rules: { max_server_per_host: '2' } });
    const old = await show(id, 1);
    assert.deepEqual(old.policies, ['anti-affinity']);
    const { policy, rules } = await show(id, 64);
    assert.deepEqual({ policy, rules }, { policy: 'anti-affinity', rules: { max_server_per_host: 2 } });
  });

  test('its members are the servers that were made in it and are there; they outlive it', async () => {
    const { servers } = compute.api.store;
    const { id: groupId } = await make(64, { policy: 'affinity' });
    const one = await servers.insert(sampleServer({ groupId }));
    const two = await servers.insert(sampleServer({ groupId }));
    await servers.insert(sampleServer({ groupId, vmState: 'deleted' }));
    assert.deepEqual((await show(groupId, 64)).members, [one.id, two.id]);
    const groupsShown = async () =>
      (await compute.get<{ server: Record<string, unknown> }>({ path: `/servers/${one.id}`, version: 71 }))
        .server.server_groups;
    assert.deepEqual(await groupsShown(), [groupId]);
    const { server } = await compute.get<{ server: object }>({ path: `/servers/${one.id}`, version: 70 });
    assert.ok(!keysOf(server).includes('server_groups'));
    const { servers: list } = await compute.get<{ servers: object[] }>({
      path: '/servers/detail?all_tenants=1',
      version: 71,
    });
    assert.ok(list.every((line) => !keysOf(line).includes('server_groups')));
    assert.equal((await ask('DELETE', `/${groupId}`)).statusCode, 204);
    assert.deepEqual(await groupsShown(), []);
  });

  test('paging, and all projects for administrators', async () => {
    const { token } = compute.member;
    const mine = [
      await make(64, { policy: 'affinity' }, token),
      await make(64, { policy: 'affinity' }, token),
    ];
    const ids = async (query: string, who = token) =>
      ((await ask('GET', query, { token: who })).json().server_groups as Group[]).map(({ id }) => id);
    const all = mine.map(({ id }) => id);
    assert.deepEqual(await ids(''), all);
    assert.deepEqual(await ids('?limit=1'), all.slice(0, 1));
    assert.deepEqual(await ids('?limit=1&offset=1'), all.slice(1));
    assert.deepEqual(await ids('?all_projects=True'), all);
    const everywhere = await ids('?all_projects=True', compute.admin);
    assert.ok(all.every((id) => everywhere.includes(id)));
    assert.ok(!(await ids('', compute.admin)).includes(all[0]!));
    assert.ok(!(await ids('?all_projects=False', compute.admin)).includes(all[0]!));
    for (const query of ['?limit=x', '?limit=-1', '?offset=x'])
      assert.equal((await ask('GET', query)).statusCode, 400, query);
    assert.equal((await ask('GET', '?zz=1', { version: 74 })).statusCode, 200);
    assert.equal((await ask('GET', '?zz=1', { version: 75 })).statusCode, 400);
  });

  test('quota', async () => {
    const { token, projectId } = compute.member;
    const has = await compute.api.store.groups.count(projectId as ProjectId);
    const quota_set = { server_groups: has + 1 };
    await compute.get({ method: 'PUT', path: `/os-quota-sets/${projectId}`, body: { quota_set } });
    await make(64, { policy: 'affinity' }, token);
    const body = { server_group: { name: 'g', policy: 'affinity' } };
    const refused = await ask('POST', '', { body, version: 64, token });
    assert.equal(refused.statusCode, 403);
    assert.equal(refused.json().forbidden.message, 'Quota exceeded, too many server groups.');
    const { limits } = await compute.get<{ limits: { absolute: Record<string, number> } }>({
      path: '/limits',
      token,
    });
    assert.equal(limits.absolute.totalServerGroupsUsed, has + 1);
    const detail = await compute.get<{ quota_set: Record<string, object> }>({
      path: `/os-quota-sets/${projectId}/detail`,
    });
    assert.deepEqual(detail.quota_set.server_groups, { limit: has + 1, in_use: has + 1, reserved: 0 });
  });

  test('bad input', async () => {
    const bad: readonly [version: number, fields: object, status: number][] = [
      [1, {}, 400],
      [1, { policies: [] }, 400],
      [1, { policies: ['affinity', 'anti-affinity'] }, 400],
      [1, { policies: ['legacy'] }, 400],
      [1, { policy: 'affinity' }, 400],
      [14, { policies: ['soft-affinity'] }, 400],
      [15, { policies: ['soft-affinity'], rules: {} }, 400],
      [64, { policies: ['affinity'] }, 400],
      [64, { policy: 'near' }, 400],
      [64, { policy: 'affinity', rules: { max_server_per_host: 2 } }, 400],
      [64, { policy: 'anti-affinity', rules: { max_server_per_host: 0 } }, 400],
      [64, { policy: 'anti-affinity', rules: { max_server_per_host: '0' } }, 400],
      [64, { policy: 'anti-affinity', rules: { zz: 1 } }, 400],
      [64, { policy: 'affinity', name: '' }, 400],
      [64, { policy: 'affinity', name: 'x'.repeat(256) }, 400],
      [64, { policy: 'affinity', zz: 1 }, 400],
    ];
    for (const [version, fields, status] of bad) {
      const body = { server_group: { name: 'g', ...fields } };
      const answer = await ask('POST', '', { body, version });
      assert.equal(answer.statusCode, status, `${JSON.stringify(fields)}: ${answer.body}`);
    }
  });

  test("another project's is not for all", async () => {
    const { id } = await make(64, { policy: 'affinity' });
    const { token } = compute.member;
    for (const method of ['GET', 'DELETE'] as const) {
      const refused = await ask(method, `/${id}`, { token });
      assert.equal(refused.statusCode, 403);
      assert.match(refused.json().forbidden.message, /os-server-groups/);
      const absent = await ask(method, `/${UNKNOWN}`, { token });
      assert.equal(absent.json().itemNotFound.message, `Instance group ${UNKNOWN} could not be found.`);
    }
    const reader = compute.reader.token;
    assert.equal((await ask('GET', '', { token: reader })).statusCode, 200);
    const body = { server_group: { name: 'g', policies: ['affinity'] } };
    assert.equal((await ask('POST', '', { body, token: reader })).statusCode, 403);
  });
});
