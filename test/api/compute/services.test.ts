import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HostName } from '../../../src/model/ids.ts';
import { sampleMigration } from '../../laws/sample-migration.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, keysOf, startCompute } from './compute-under-test.ts';

type Service = Record<string, unknown>;
const KEYS = ['binary', 'disabled_reason', 'host', 'id', 'state', 'status', 'updated_at', 'zone'];

describe('compute services, zones and hosts', () => {
  let compute: ComputeUnderTest;
  const report = hostReport('cmp1');
  const services = async (version = 1, query = '') =>
    (await compute.get<{ services: Service[] }>({ path: `/os-services${query}`, version })).services;
  const put = (id: string, body: object, version = 1) =>
    compute.ask({ method: 'PUT', path: `/os-services/${id}`, body, version });
  const named = { host: 'cmp1', binary: 'nova-compute' };
  before(async () => {
    compute = await startCompute();
    await compute.api.store.hosts.report(report);
  });
  after(() => compute.close());

  for (const [version, keys, id] of [
    [1, KEYS, 1],
    [10, KEYS, 1],
    [11, [...KEYS, 'forced_down'], 1],
    [53, [...KEYS, 'forced_down'], report.serviceId],
    [69, [...KEYS, 'forced_down'], report.serviceId],
    [93, [...KEYS, 'forced_down'], report.serviceId],
  ] as const)
    test(`the shape at 2.${version}`, async () => {
      const [service] = await services(version);
      assert.deepEqual(keysOf(service), keys.toSorted());
      assert.equal(service!.id, id);
      assert.match(String(service!.updated_at), /^[^Z]*\.\d{6}$/);
    });

  test('narrowed by host and binary', async () => {
    assert.equal((await services(1, '?host=cmp1&binary=nova-compute')).length, 1);
    assert.equal((await services(1, '?host=zz')).length, 0);
    assert.equal((await services(1, '?binary=nova-conductor')).length, 0);
    await compute.get({ path: '/os-services?zz=1', version: 75 }, 400);
  });

  test('the old actions, by host', async () => {
    const disabled = await put('disable-log-reason', { ...named, disabled_reason: 'maintenance' });
    assert.deepEqual(disabled.json(), {
      service: { ...named, status: 'disabled', disabled_reason: 'maintenance' },
    });
    assert.equal((await services())[0]!.disabled_reason, 'maintenance');
    assert.deepEqual((await put('enable', named)).json(), { service: { ...named, status: 'enabled' } });
    assert.equal((await services())[0]!.disabled_reason, null);
    assert.deepEqual((await put('disable', named)).json(), { service: { ...named, status: 'disabled' } });
    assert.equal((await put('force-down', { ...named, forced_down: true }, 11)).statusCode, 200);
    assert.equal((await services())[0]!.state, 'down');
    await put('force-down', { ...named, forced_down: 'false' }, 11);
    await put('enable', named);
    assert.equal((await services())[0]!.state, 'up');
  });

  test('the old actions, refused', async () => {
    for (const [id, body, version, status] of [
      ['force-down', named, 10, 404],
      ['force-down', named, 11, 400],
      ['force-down', { ...named, forced_down: true }, 10, 400],
      ['disable-log-reason', named, 1, 400],
      ['frob', named, 1, 404],
      ['enable', { ...named, host: 'zz' }, 1, 404],
      ['enable', { ...named, binary: 'nova-conductor' }, 1, 400],
      ['enable', { host: 'cmp1' }, 1, 400],
      ['enable', { ...named, zz: 1 }, 1, 400],
    ] as const)
      assert.equal((await put(id, body, version)).statusCode, status, `${id} ${JSON.stringify(body)}`);
    const unknown = await put('enable', { ...named, host: 'zz' });
    assert.equal(unknown.json().itemNotFound.message, "Host 'zz' is not mapped to any cell");
  });

  test('from 2.53, by id', async () => {
    const body = { status: 'disabled', disabled_reason: 'why' };
    const { service } = (await put(report.serviceId, body, 53)).json();
    assert.deepEqual(keysOf(service), [...KEYS, 'forced_down'].toSorted());
    assert.deepEqual([service.status, service.disabled_reason], ['disabled', 'why']);
    const down = (await put(report.serviceId, { forced_down: true }, 53)).json().service;
    assert.deepEqual([down.state, down.status, down.disabled_reason], ['down', 'disabled', 'why']);
    await put(report.serviceId, { forced_down: false, status: 'enabled' }, 53);
    for (const refused of [
      {},
      { status: 'enabled', disabled_reason: 'x' },
      { disabled_reason: 'x' },
      { status: 'x' },
    ])
      assert.equal((await put(report.serviceId, refused, 53)).statusCode, 400, JSON.stringify(refused));
    assert.equal((await put('cmp1', body, 53)).json().badRequest.message, 'Invalid uuid cmp1');
    assert.equal((await put('00000000-0000-4000-8000-000000000000', body, 53)).statusCode, 404);
  });

  test('a host that has not reported for long is down', async () => {
    const later = hostReport('late', { lastSeenAt: Date.now() - 61_000 });
    await compute.api.store.hosts.report(later);
    const [service] = await services(1, '?host=late');
    assert.equal(service!.state, 'down');
  });

  test('zones: of enabled hosts; with hosts for administrators', async () => {
    await compute.api.store.hosts.report(hostReport('far', { zone: 'attic' }));
    await put('disable', { ...named, host: 'far' });
    const zones = await compute.get<{ availabilityZoneInfo: object[] }>({
      path: '/os-availability-zone',
      token: compute.reader.token,
    });
    assert.deepEqual(zones.availabilityZoneInfo, [
      { zoneName: 'nova', zoneState: { available: true }, hosts: null },
      { zoneName: 'attic', zoneState: { available: false }, hosts: null },
    ]);
    const detail = await compute.get<{ availabilityZoneInfo: { hosts: Record<string, object> }[] }>({
      path: '/os-availability-zone/detail',
    });
    assert.deepEqual(keysOf(detail.availabilityZoneInfo[0]!.hosts), ['cmp1', 'late']);
    const service = (detail.availabilityZoneInfo[0]!.hosts.cmp1 as Record<string, object>)['nova-compute'];
    assert.deepEqual(keysOf(service), ['active', 'available', 'updated_at']);
    await compute.get({ path: '/os-availability-zone/detail', token: compute.member.token }, 403);
  });

  test('deleted: not with servers, nor while a move is on; then it is gone from everywhere', async () => {
    const { store } = compute.api;
    const old = hostReport('old');
    const { name: host } = await store.hosts.report(old);
    const remove = (id: string, version = 53) =>
      compute.ask({ method: 'DELETE', path: `/os-services/${id}`, version });
    const server = await store.servers.insert(sampleServer({ host }));
    assert.match((await remove(old.serviceId)).json().conflictingRequest.message, /hosting instances/);
    await store.servers.update(server, { host: null, vmState: 'deleted' });
    const moved = { serverId: server.id, sourceHost: 'cmp1' as HostName, destHost: host };
    const move = await store.migrations.insert(sampleMigration({ ...moved, status: 'finished' }));
    assert.match((await remove(old.serviceId)).json().conflictingRequest.message, /in-progress migrations/);
    await store.migrations.update(move.number, { status: 'confirmed', updatedAt: 2 });
    const aggregate = { aggregate: { name: 'of old', availability_zone: 'dusty' } };
    const { id } = (
      await compute.get<{ aggregate: { id: number } }>({
        ...{ method: 'POST', path: '/os-aggregates', body: aggregate },
      })
    ).aggregate;
    const path = `/os-aggregates/${id}/action`;
    await compute.get({ method: 'POST', path, body: { add_host: { host } } });
    assert.equal((await services(1, '?host=old'))[0]!.zone, 'dusty');
    const gone = await remove(old.serviceId);
    assert.deepEqual([gone.statusCode, gone.body], [204, '']);
    assert.deepEqual(await services(1, '?host=old'), []);
    assert.deepEqual((await store.aggregates.find(id))!.hosts, []);
    assert.equal((await remove(old.serviceId)).statusCode, 404);
    assert.equal((await remove('old')).json().badRequest.message, 'Invalid uuid old');
    assert.equal((await remove('old', 1)).json().badRequest.message, 'id must be an integer');
    assert.equal((await remove('4711', 1)).statusCode, 404);
  });

  test('hosts, to 2.42', async () => {
    const { hosts } = await compute.get<{ hosts: object[] }>({ path: '/os-hosts' });
    assert.deepEqual(hosts[0], { host_name: 'cmp1', service: 'compute', zone: 'nova' });
    const { host } = await compute.get<{ host: { resource: { project: string } }[] }>({
      path: '/os-hosts/cmp1',
    });
    assert.deepEqual(
      host.map(({ resource }) => resource.project),
      ['(total)', '(used_now)', '(used_max)'],
    );
    await compute.get({ path: '/os-hosts/zz' }, 404);
    await compute.get({ path: '/os-hosts', version: 43 }, 404);
  });
});
