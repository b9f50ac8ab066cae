import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HostName, ProjectId } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

type Numbers = Record<string, number>;
const LASTING = ['cores', 'instances', 'key_pairs', 'metadata_items', 'ram'];
const GROUPS = ['server_group_members', 'server_groups'];
const NETWORKS = ['fixed_ips', 'floating_ips', 'security_group_rules', 'security_groups'];
const FILES = ['injected_file_content_bytes', 'injected_file_path_bytes', 'injected_files'];

describe('quotas and limits', () => {
  let compute: ComputeUnderTest;
  let path: string;
  const quotas = async (version?: number, tail = '') =>
    (await compute.get<{ quota_set: Numbers }>({ path: `${path}${tail}`, ...(version && { version }) }))
      .quota_set;
  const put = (quota_set: object, version = 93) =>
    compute.ask({ method: 'PUT', path, body: { quota_set }, version });
  before(async () => {
    compute = await startCompute();
    path = `/os-quota-sets/${compute.member.projectId}`;
    const projectId = compute.member.projectId as ProjectId;
    await compute.api.store.servers.insert(sampleServer({ projectId, host: 'h' as HostName }));
  });
  after(() => compute.close());

  for (const [version, keys] of [
    [1, [...LASTING, ...GROUPS, ...NETWORKS, ...FILES]],
    [35, [...LASTING, ...GROUPS, ...NETWORKS, ...FILES]],
    [36, [...LASTING, ...GROUPS, ...FILES]],
    [56, [...LASTING, ...GROUPS, ...FILES]],
    [57, [...LASTING, ...GROUPS]],
  ] as const)
    test(`a quota set's shape at 2.${version}`, async () => {
      const withId = [...keys, 'id'].toSorted();
      assert.deepEqual(keysOf(await quotas(version)), withId);
      assert.deepEqual(keysOf(await quotas(version, '/defaults')), withId);
      const detail = await quotas(version, '/detail');
      assert.deepEqual(keysOf(detail), withId);
      assert.deepEqual(detail.cores as unknown, { limit: 20, in_use: 2, reserved: 0 });
      const updated = await put({}, version);
      assert.deepEqual(keysOf(updated.json().quota_set), keys.toSorted());
    });

  for (const [version, keys] of [
    [1, [...LASTING, ...NETWORKS, ...FILES]],
    [49, [...LASTING, ...NETWORKS, ...FILES]],
    [50, [...LASTING, ...GROUPS, ...FILES]],
    [57, [...LASTING, ...GROUPS]],
  ] as const)
    test(`a quota class's shape at 2.${version}`, async () => {
      const class_ = { path: '/os-quota-class-sets/default', version };
      const shown = await compute.get<{ quota_class_set: Numbers }>(class_);
      assert.deepEqual(keysOf(shown.quota_class_set), [...keys, 'id'].toSorted());
      const body = { quota_class_set: {} };
      const changed = await compute.get<{ quota_class_set: Numbers }>({ ...class_, method: 'PUT', body });
      assert.deepEqual(keysOf(changed.quota_class_set), keys.toSorted());
    });

  test('a project has its own limit, else the default class has one, else the configuration', async () => {
    const body = { quota_class_set: { cores: 33, ram: '1024' } };
    await compute.get({ method: 'PUT', path: '/os-quota-class-sets/default', body, version: 93 });
    assert.equal((await quotas()).cores, 33);
    assert.equal((await put({ cores: 44 })).json().quota_set.cores, 44);
    assert.deepEqual(
      [(await quotas()).cores, (await quotas()).ram, (await quotas()).instances],
      [44, 1024, 10],
    );
    assert.equal((await quotas(1, '/defaults')).cores, 33);
    const reset = await compute.ask({ method: 'DELETE', path });
    assert.deepEqual([reset.statusCode, reset.body], [202, '']);
    assert.equal((await quotas()).cores, 33);
    const back = { quota_class_set: { cores: 20, ram: 51_200 } };
    await compute.get({ method: 'PUT', path: '/os-quota-class-sets/default', body: back, version: 93 });
  });

  test('not below what is used, unless forced; -1 is without limit', async () => {
    const answer = await put({ cores: 1 });
    assert.equal(answer.statusCode, 400);
    assert.equal(
      answer.json().badRequest.message,
      'Quota limit 1 for cores must be greater than or equal to already used and reserved 2.',
    );
    assert.equal((await put({ cores: 1, force: 'True' })).json().quota_set.cores, 1);
    assert.equal((await put({ cores: -1 })).json().quota_set.cores, -1);
    await compute.ask({ method: 'DELETE', path });
  });

  for (const quota_set of [
    { cores: -2 },
    { cores: 'x' },
    { cores: 1.5 },
    { cores: '-2' },
    { cores: 2 ** 31 },
    { zz: 1 },
    { floating_ips: 1 },
    { cores: null },
  ])
    test(`refuses ${JSON.stringify(quota_set)}`, async () =>
      assert.equal((await put(quota_set)).statusCode, 400));

  test('who may look and who may change', async () => {
    const { token } = compute.member;
    await compute.get({ path, token });
    const other = `/os-quota-sets/${compute.reader.projectId}`;
    const refused = await compute.get<{ forbidden: { message: string } }>({ path: other, token }, 403);
    assert.equal(
      refused.forbidden.message,
      "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.",
    );
    await compute.get({ method: 'PUT', path, body: { quota_set: {} }, token }, 403);
    const unknown = await compute.get<{ badRequest: { message: string } }>(
      { path: '/os-quota-sets/zz' },
      400,
    );
    assert.equal(unknown.badRequest.message, 'Project ID zz is not a valid project.');
  });

  test('the defaults are the same for every project that a member names, so that they tell of none', async () => {
    const { token, projectId } = compute.member;
    for (const id of [projectId, compute.reader.projectId, 'a'.repeat(32), 'zz']) {
      const { quota_set } = await compute.get<{ quota_set: Numbers }>({
        path: `/os-quota-sets/${id}/defaults`,
        token,
      });
      assert.deepEqual([quota_set.id as unknown, quota_set.cores], [id, 20]);
    }
    await compute.get({ path: '/os-quota-sets/zz/defaults' }, 400);
  });

  const ALWAYS = [
    'maxServerGroupMembers',
    'maxServerGroups',
    'maxServerMeta',
    'maxTotalCores',
    'maxTotalInstances',
    'maxTotalKeypairs',
    'maxTotalRAMSize',
    'totalCoresUsed',
    'totalInstancesUsed',
    'totalRAMUsed',
    'totalServerGroupsUsed',
  ];
  const OF_NETWORKS = [
    'maxSecurityGroupRules',
    'maxSecurityGroups',
    'maxTotalFloatingIps',
    'totalFloatingIpsUsed',
    'totalSecurityGroupsUsed',
  ];
  const OF_FILES = ['maxPersonality', 'maxPersonalitySize'];
  for (const [version, keys] of [
    [1, [...ALWAYS, ...OF_NETWORKS, ...OF_FILES, 'maxImageMeta']],
    [36, [...ALWAYS, ...OF_FILES, 'maxImageMeta']],
    [39, [...ALWAYS, ...OF_FILES]],
    [57, ALWAYS],
  ] as const)
    test(`the limits' shape at 2.${version}`, async () => {
      const { limits } = await compute.get<{ limits: { rate: []; absolute: Numbers } }>({
        path: '/limits',
        token: compute.member.token,
        version,
      });
      assert.deepEqual(limits.rate, []);
      assert.deepEqual(keysOf(limits.absolute), keys.toSorted());
      const { totalCoresUsed, totalRAMUsed, totalInstancesUsed } = limits.absolute;
      assert.deepEqual([totalCoresUsed, totalRAMUsed, totalInstancesUsed], [2, 512, 1]);
    });

  test("another project's limits are for administrators", async () => {
    const other = `/limits?tenant_id=${compute.member.projectId}`;
    const { limits } = await compute.get<{ limits: { absolute: Numbers } }>({ path: other });
    assert.equal(limits.absolute.totalCoresUsed, 2);
    await compute.get({ path: other, token: compute.reader.token }, 403);
  });
});
