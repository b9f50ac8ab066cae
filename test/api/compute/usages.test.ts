import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ProjectId } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

const HOUR = 3_600_000;
type Usage = Record<string, unknown> & { tenant_id: string; server_usages?: Record<string, unknown>[] };

describe('usage', () => {
  let compute: ComputeUnderTest;
  const began = Date.UTC(2026, 0, 1);
  const at = (hours: number) => new Date(began + hours * HOUR).toISOString().slice(0, 19);
  const period = `start=${at(0)}&end=${at(10)}.000000`;
  const common = { vmState: 'active', taskState: null } as const;
  const running = sampleServer({ ...common, launchedAt: began + 4 * HOUR });
  const gone = sampleServer({
    ...common,
    launchedAt: began - HOUR,
    terminatedAt: began + 2 * HOUR,
    updatedAt: began + 2 * HOUR,
    vmState: 'deleted',
  });
  const later = sampleServer({ ...common, launchedAt: began + 11 * HOUR });
  const never = sampleServer({ createdAt: began });
  before(async () => {
    compute = await startCompute();
    const projectId = compute.member.projectId as ProjectId;
    for (const server of [running, gone, later, never]) {
      const { vmState, ...rest } = server;
      const row = await compute.api.store.servers.insert({ ...rest, vmState: 'active', projectId });
      if (vmState === 'deleted')
        await compute.api.store.servers.update(row, { vmState, updatedAt: row.updatedAt });
    }
  });
  after(() => compute.close());

  test('hours within the period, weighed by what each server has', async () => {
    const path = `/os-simple-tenant-usage/${compute.member.projectId}?${period}`;
    const { tenant_usage: usage } = await compute.get<{ tenant_usage: Usage }>({
      path,
      token: compute.member.token,
    });
    assert.deepEqual(keysOf(usage), [
      'server_usages',
      'start',
      'stop',
      'tenant_id',
      'total_hours',
      'total_local_gb_usage',
      'total_memory_mb_usage',
      'total_vcpus_usage',
    ]);
    const { vcpus, ramMb, rootGb, ephemeralGb } = running.flavor;
    assert.equal(usage.total_hours, 8);
    assert.equal(usage.total_vcpus_usage, 8 * vcpus);
    assert.equal(usage.total_memory_mb_usage, 8 * ramMb);
    assert.equal(usage.total_local_gb_usage, 8 * (rootGb + ephemeralGb));
    assert.deepEqual([usage.start, usage.stop], [`${at(0)}.000000`, `${at(10)}.000000`]);
    const byId = new Map(usage.server_usages!.map((one) => [one.instance_id, one]));
    assert.deepEqual([...byId.keys()].toSorted(), [running.id, gone.id].toSorted());
    assert.equal(byId.get(gone.id)!.state, 'terminated');
    assert.equal(byId.get(gone.id)!.uptime, 3 * 3600);
    assert.deepEqual(keysOf(byId.get(running.id)), [
      'ended_at',
      'flavor',
      'hours',
      'instance_id',
      'local_gb',
      'memory_mb',
      'name',
      'started_at',
      'state',
      'tenant_id',
      'uptime',
      'vcpus',
    ]);
  });

  test('of all projects, for administrators; single servers only when asked for', async () => {
    const path = `/os-simple-tenant-usage?${period}`;
    const { tenant_usages } = await compute.get<{ tenant_usages: Usage[] }>({ path });
    assert.deepEqual(
      tenant_usages.map(({ tenant_id, server_usages }) => [tenant_id, server_usages]),
      [[compute.member.projectId, undefined]],
    );
    const detailed = await compute.get<{ tenant_usages: Usage[] }>({ path: `${path}&detailed=1` });
    assert.equal(detailed.tenant_usages[0]!.server_usages!.length, 2);
    await compute.get({ path, token: compute.member.token }, 403);
    const other = `/os-simple-tenant-usage/${compute.reader.projectId}?${period}`;
    await compute.get({ path: other, token: compute.member.token }, 403);
    assert.deepEqual(await compute.get({ path: other }), { tenant_usage: {} });
  });

  test('pages from 2.40', async () => {
    type Page = { tenant_usage: Usage; tenant_usage_links?: { href: string }[] };
    const path = `/os-simple-tenant-usage/${compute.member.projectId}?${period}&limit=1`;
    const first = await compute.get<Page>({ path, version: 40 });
    assert.equal(first.tenant_usage.server_usages!.length, 1);
    const next = new URL(first.tenant_usage_links![0]!.href);
    const rest = await compute.get<Page>({
      path: `/os-simple-tenant-usage/${compute.member.projectId}${next.search}`,
      version: 40,
    });
    assert.equal(rest.tenant_usage.server_usages!.length, 1);
    const whole = await compute.get<Page>({ path: path.replace('limit=1', 'limit=3'), version: 40 });
    assert.equal(whole.tenant_usage_links, undefined);
    assert.equal((await compute.get<Page>({ path, version: 39 })).tenant_usage.server_usages!.length, 2);
    await compute.get({ path: `${path}&marker=zz`, version: 40 }, 400);
  });

  test('without a period it is that of this moment, in which hardly anything was used', async () => {
    const path = `/os-simple-tenant-usage/${compute.member.projectId}`;
    const { tenant_usage: usage } = await compute.get<{ tenant_usage: Usage }>({ path });
    assert.ok(Number(usage.total_hours) < 0.001);
  });

  for (const query of [
    'start=2026-01-02T00:00:00&end=2026-01-01T00:00:00',
    'start=zz',
    'start=2026-13-01T00:00:00',
    'end=2026-01-01T00:00:00',
  ])
    test(`refuses the period ${query}`, () => compute.get({ path: `/os-simple-tenant-usage?${query}` }, 400));
});
