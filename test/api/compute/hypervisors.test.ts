import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HostName, ProjectId } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, keysOf, startCompute } from './compute-under-test.ts';

type Hypervisor = Record<string, unknown> & { id: number | string; hypervisor_hostname: string };
type List = { hypervisors: Hypervisor[]; hypervisors_links?: { href: string }[] };

const BRIEF = ['hypervisor_hostname', 'id', 'state', 'status'];
const WHOLE = [...BRIEF, 'host_ip', 'hypervisor_type', 'hypervisor_version', 'service'];
const USAGE = [
  'current_workload',
  'disk_available_least',
  'free_disk_gb',
  'free_ram_mb',
  'local_gb',
  'local_gb_used',
  'memory_mb',
  'memory_mb_used',
  'running_vms',
  'vcpus',
  'vcpus_used',
];
const UPTIME = /^ \d\d:\d\d:\d\d up 1 day, {2}1:00, {2}0 users, {2}load average: 0\.10, 0\.20, 0\.30$/;

describe('hypervisors', () => {
  let compute: ComputeUnderTest;
  const one = hostReport('cmp1');
  const two = hostReport('cmp2');
  const server = sampleServer({
    host: 'cmp1' as HostName,
    projectId: 'p' as ProjectId,
    taskState: 'spawning',
  });
  before(async () => {
    compute = await startCompute();
    await compute.api.store.hosts.report(one);
    await compute.api.store.hosts.report(two);
    await compute.api.store.servers.insert(server);
  });
  after(() => compute.close());

  for (const [version, keys] of [
    [1, [...WHOLE, ...USAGE, 'cpu_info']],
    [28, [...WHOLE, ...USAGE, 'cpu_info']],
    [53, [...WHOLE, ...USAGE, 'cpu_info']],
    [87, [...WHOLE, ...USAGE, 'cpu_info']],
    [88, [...WHOLE, 'uptime']],
    [93, [...WHOLE, 'uptime']],
  ] as const)
    test(`the shape at 2.${version}`, async () => {
      const id = version >= 53 ? one.hypervisorId : 1;
      const list = await compute.get<List>({ path: '/os-hypervisors/detail', version });
      const shown = await compute.get<{ hypervisor: Hypervisor }>({ path: `/os-hypervisors/${id}`, version });
      for (const hypervisor of [list.hypervisors[0]!, shown.hypervisor]) {
        assert.deepEqual(keysOf(hypervisor), keys.toSorted());
        assert.equal(hypervisor.id, id);
        const service = hypervisor.service as Record<string, unknown>;
        assert.deepEqual(service, {
          id: version >= 53 ? one.serviceId : 1,
          host: 'cmp1',
          disabled_reason: null,
        });
        if (version < 88)
          assert.deepEqual(
            version < 28 ? JSON.parse(String(hypervisor.cpu_info)) : hypervisor.cpu_info,
            one.cpuInfo,
          );
        else assert.match(String(hypervisor.uptime), UPTIME);
      }
      const brief = await compute.get<List>({ path: '/os-hypervisors', version });
      assert.deepEqual(keysOf(brief.hypervisors[0]), BRIEF);
    });

  test('the numbers are those of its servers', async () => {
    const { hypervisor } = await compute.get<{ hypervisor: Hypervisor }>({ path: '/os-hypervisors/1' });
    const { flavor } = server;
    assert.equal(hypervisor.vcpus_used, flavor.vcpus);
    assert.equal(hypervisor.memory_mb_used, flavor.ramMb);
    assert.equal(hypervisor.free_ram_mb, 16_384 - flavor.ramMb);
    assert.equal(hypervisor.free_disk_gb, 200 - Number(hypervisor.local_gb_used));
    assert.equal(hypervisor.running_vms, 1);
    assert.equal(hypervisor.current_workload, 1);
    const { hypervisor_statistics: sums } = await compute.get<{
      hypervisor_statistics: Record<string, number>;
    }>({
      path: '/os-hypervisors/statistics',
    });
    assert.deepEqual(keysOf(sums), [...USAGE, 'count'].toSorted());
    assert.equal(sums.count, 2);
    assert.equal(sums.vcpus, 16);
    assert.equal(sums.vcpus_used, flavor.vcpus);
  });

  test('ids: numbers below 2.53, UUIDs from there', async () => {
    for (const [path, version, status, message] of [
      ['cmp1', 1, 404, "Hypervisor with ID 'cmp1' could not be found."],
      ['99', 52, 404, "Hypervisor with ID '99' could not be found."],
      ['cmp1', 53, 400, 'Invalid uuid cmp1'],
      ['1', 53, 400, 'Invalid uuid 1'],
    ] as const) {
      const answer = await compute.get<Record<string, { message: string }>>(
        { path: `/os-hypervisors/${path}`, version },
        status,
      );
      assert.equal(Object.values(answer)[0]!.message, message);
    }
  });

  test('pages from 2.33, with the id of the version as marker', async () => {
    for (const version of [33, 53]) {
      const first = await compute.get<List>({ path: '/os-hypervisors?limit=1', version });
      assert.equal(first.hypervisors.length, 1);
      const next = new URL(first.hypervisors_links![0]!.href);
      assert.equal(next.searchParams.get('marker'), String(first.hypervisors[0]!.id));
      const second = await compute.get<List>({ path: `/os-hypervisors${next.search}`, version });
      assert.equal(second.hypervisors[0]!.hypervisor_hostname, 'cmp2.example.org');
      await compute.get({ path: '/os-hypervisors?marker=77', version }, 400);
    }
    assert.equal(
      (await compute.get<List>({ path: '/os-hypervisors?limit=1', version: 32 })).hypervisors.length,
      2,
    );
  });

  test('search and servers: paths of their own to 2.52, query words from 2.53', async () => {
    const names = ({ hypervisors }: List) => hypervisors.map((h) => [h.hypervisor_hostname, h.servers]);
    const withServer = [['cmp1.example.org', [{ name: server.name, uuid: server.id }]]];
    assert.deepEqual(names(await compute.get({ path: '/os-hypervisors/cmp1/search' })), [
      ['cmp1.example.org', undefined],
    ]);
    assert.deepEqual(names(await compute.get({ path: '/os-hypervisors/cmp1/servers' })), withServer);
    await compute.get({ path: '/os-hypervisors/cmp1/search', version: 53 }, 404);
    const query = '/os-hypervisors?hypervisor_hostname_pattern=cmp1&with_servers=true';
    assert.deepEqual(names(await compute.get({ path: query, version: 53 })), withServer);
    const empty = '/os-hypervisors?hypervisor_hostname_pattern=cmp2&with_servers=1';
    assert.deepEqual(names(await compute.get({ path: empty, version: 53 })), [
      ['cmp2.example.org', undefined],
    ]);
    assert.deepEqual(names(await compute.get({ path: empty, version: 75 })), [['cmp2.example.org', []]]);
    await compute.get({ path: '/os-hypervisors?hypervisor_hostname_pattern=zz', version: 53 }, 404);
    await compute.get({ path: '/os-hypervisors?hypervisor_hostname_pattern=cmp&limit=1', version: 53 }, 400);
    await compute.get({ path: '/os-hypervisors?zz=1', version: 53 }, 400);
    await compute.get({ path: '/os-hypervisors?with_servers=maybe', version: 53 }, 400);
  });

  test('uptime and statistics go with 2.88', async () => {
    const { hypervisor } = await compute.get<{ hypervisor: Hypervisor }>({
      path: '/os-hypervisors/1/uptime',
    });
    assert.deepEqual(keysOf(hypervisor), [...BRIEF, 'uptime'].toSorted());
    assert.match(String(hypervisor.uptime), UPTIME);
    await compute.get({ path: `/os-hypervisors/${one.hypervisorId}/uptime`, version: 87 });
    await compute.get({ path: `/os-hypervisors/${one.hypervisorId}/uptime`, version: 88 }, 404);
    await compute.get({ path: '/os-hypervisors/statistics', version: 87 });
    await compute.get({ path: '/os-hypervisors/statistics', version: 88 }, 404);
  });

  test('only administrators look', async () => {
    for (const [path, rule] of [
      ['/os-hypervisors', 'list'],
      ['/os-hypervisors/detail', 'list-detail'],
      ['/os-hypervisors/statistics', 'statistics'],
      ['/os-hypervisors/1', 'show'],
    ]) {
      const answer = await compute.get<{ forbidden: { message: string } }>(
        { path: path!, token: compute.member.token },
        403,
      );
      assert.equal(
        answer.forbidden.message,
        `Policy doesn't allow os_compute_api:os-hypervisors:${rule} to be performed.`,
      );
    }
  });
});
