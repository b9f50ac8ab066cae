import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { HostName } from '../../../src/model/ids.ts';
import { sampleServer } from '../../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, keysOf, startCompute } from './compute-under-test.ts';

interface Aggregate {
  readonly id: number;
  readonly name: string;
  readonly hosts: string[];
  readonly metadata: Record<string, string>;
  readonly availability_zone: string | null;
  readonly updated_at: string | null;
}
const NEW = ['availability_zone', 'created_at', 'deleted', 'deleted_at', 'id', 'name', 'updated_at'];

describe('host aggregates', () => {
  let compute: ComputeUnderTest;
  let names = 0;
  before(async () => {
    compute = await startCompute();
    for (const name of ['cmp1', 'cmp2', 'busy']) await compute.api.store.hosts.report(hostReport(name));
    await compute.api.store.servers.insert(
      sampleServer({ host: 'busy' as HostName, vmState: 'active', taskState: null }),
    );
  });
  after(() => compute.close());

  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, version = 1) =>
    compute.ask({ method, path: `/os-aggregates${path}`, version, ...(body !== undefined && { body }) });
  const make = async (fields: object = {}): Promise<Aggregate> => {
    const answer = await ask('POST', '', { aggregate: { name: `a${++names}`, ...fields } });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json().aggregate;
  };
  const act = async (id: number, action: object, status = 200): Promise<Aggregate> => {
    const answer = await ask('POST', `/${id}/action`, action);
    assert.equal(answer.statusCode, status, answer.body);
    return status === 200
      ? answer.json().aggregate
      : Object.values<{ message: never }>(answer.json())[0]!.message;
  };
  const zones = async () => {
    const { availabilityZoneInfo: all } = await compute.get<{
      availabilityZoneInfo: { zoneName: string; hosts: Record<string, unknown> | null }[];
    }>({ path: '/os-availability-zone/detail' });
    return Object.fromEntries(all.map(({ zoneName, hosts }) => [zoneName, hosts && Object.keys(hosts)]));
  };

  for (const [version, more] of [
    [1, []],
    [40, []],
    [41, ['uuid']],
    [93, ['uuid']],
  ] as const)
    test(`the shapes at 2.${version}`, async () => {
      const body = { aggregate: { name: `shape ${version}`, availability_zone: 'east' } };
      const made = (await ask('POST', '', body, version)).json().aggregate;
      assert.deepEqual(keysOf(made), [...NEW, ...more].toSorted());
      assert.deepEqual([made.availability_zone, made.deleted, made.updated_at], ['east', false, null]);
      const whole = [...NEW, 'hosts', 'metadata', ...more].toSorted();
      const path = `/${made.id}`;
      const listed = (await ask('GET', '', undefined, version)).json().aggregates as Aggregate[];
      const shown = (await ask('GET', path, undefined, version)).json().aggregate;
      assert.deepEqual(keysOf(shown), whole);
      assert.deepEqual(
        listed.find(({ id }) => id === made.id),
        shown,
      );
      assert.deepEqual(shown.metadata, { availability_zone: 'east' });
      const renamed = await ask('PUT', path, { aggregate: { name: ` new ${version} ` } }, version);
      assert.deepEqual(keysOf(renamed.json().aggregate), whole);
      assert.equal(renamed.json().aggregate.name, `new ${version}`);
      assert.match(renamed.json().aggregate.updated_at, /^[^Z]*\.\d{6}$/);
      const deleted = await ask('DELETE', path, undefined, version);
      assert.deepEqual([deleted.statusCode, deleted.body], [200, '']);
      assert.equal((await ask('GET', path, undefined, version)).statusCode, 404);
    });

  test('metadata is set key by key; null takes a key away', async () => {
    const { id } = await make({ availability_zone: 'z1' });
    const set = (metadata: object) => act(id, { set_metadata: { metadata } });
    assert.deepEqual((await set({ ssd: 'true', rack: '1' })).metadata, {
      availability_zone: 'z1',
      ssd: 'true',
      rack: '1',
    });
    const left = await set({ ssd: null, unknown: null, rack: '2', availability_zone: 'z2' });
    assert.deepEqual(left.metadata, { availability_zone: 'z2', rack: '2' });
    assert.equal(left.availability_zone, 'z2');
  });

  test('a host that joins is in the zone, everywhere, and leaves it again', async () => {
    const { id } = await make({ availability_zone: 'north' });
    assert.deepEqual((await act(id, { add_host: { host: 'cmp1' } })).hosts, ['cmp1']);
    assert.deepEqual(await zones(), { north: ['cmp1'], nova: ['cmp2', 'busy'] });
    const { services } = await compute.get<{ services: { host: string; zone: string }[] }>({
      path: '/os-services',
    });
    assert.deepEqual(
      services.map(({ host, zone }) => [host, zone]),
      [
        ['cmp1', 'north'],
        ['cmp2', 'nova'],
        ['busy', 'nova'],
      ],
    );
    const { hosts } = await compute.get<{ hosts: { host_name: string }[] }>({ path: '/os-hosts?zone=north' });
    assert.deepEqual(
      hosts.map(({ host_name }) => host_name),
      ['cmp1'],
    );
    assert.equal(
      await act(id, { add_host: { host: 'cmp1' } }, 409),
      `Aggregate ${id} already has host cmp1.`,
    );
    assert.deepEqual((await act(id, { remove_host: { host: 'cmp1' } })).hosts, []);
    assert.deepEqual(await zones(), { nova: ['cmp1', 'cmp2', 'busy'] });
  });

  test('a host is in one zone only', async () => {
    const { id: east } = await make({ availability_zone: 'e' });
    const { id: west } = await make({ availability_zone: 'w' });
    const { id: plain } = await make();
    await act(east, { add_host: { host: 'cmp1' } });
    await act(plain, { add_host: { host: 'cmp1' } });
    const clash = "One or more hosts already in availability zone(s) ['e']";
    assert.equal(
      await act(west, { add_host: { host: 'cmp1' } }, 409),
      `Cannot add host to aggregate ${west}. Reason: ${clash}.`,
    );
    assert.equal(
      await act(plain, { set_metadata: { metadata: { availability_zone: 'w' } } }, 400),
      `Cannot update metadata of aggregate ${plain}. Reason: ${clash}.`,
    );
    const put = await ask('PUT', `/${plain}`, { aggregate: { availability_zone: 'w' } });
    assert.equal(put.json().badRequest.message, `Cannot update aggregate ${plain}. Reason: ${clash}.`);
    await act(plain, { set_metadata: { metadata: { availability_zone: 'e' } } });
    for (const id of [east, plain]) await act(id, { remove_host: { host: 'cmp1' } });
  });

  test('servers do not change their zone unasked', async () => {
    const { id: other } = await make({ availability_zone: 'attic' });
    const { id: same } = await make({ availability_zone: 'nova' });
    const { id: plain } = await make();
    assert.match(
      String(await act(other, { add_host: { host: 'busy' } }, 409)),
      /would change from 'nova' to 'attic' but the host already has 1 instance/,
    );
    await act(same, { add_host: { host: 'busy' } });
    await act(plain, { add_host: { host: 'busy' } });
    assert.equal(
      await act(same, { set_metadata: { metadata: { availability_zone: 'attic' } } }, 400),
      `Cannot update metadata of aggregate ${same}. Reason: One or more hosts contain instances in this zone.`,
    );
    await act(same, { remove_host: { host: 'busy' } });
    await act(plain, { remove_host: { host: 'busy' } });
  });

  test('one with hosts is not deleted', async () => {
    const { id } = await make();
    await act(id, { add_host: { host: 'cmp2' } });
    const refused = await ask('DELETE', `/${id}`);
    assert.equal(
      refused.json().badRequest.message,
      `Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`,
    );
    await act(id, { remove_host: { host: 'cmp2' } });
    assert.equal((await ask('DELETE', `/${id}`)).statusCode, 200);
  });

  test('bad input', async () => {
    const { id, name } = await make();
    const long = 'x'.repeat(256);
    const bad: readonly [string, string, unknown, number][] = [
      ['POST', '', { aggregate: { name } }, 409],
      ['POST', '', { aggregate: {} }, 400],
      ['POST', '', { aggregate: { name: '' } }, 400],
      ['POST', '', { aggregate: { name: ' x' } }, 400],
      ['POST', '', { aggregate: { name: long } }, 400],
      ['POST', '', { aggregate: { name: 'x', availability_zone: 'a:b' } }, 400],
      ['POST', '', { aggregate: { name: 'x', availability_zone: '' } }, 400],
      ['POST', '', { aggregate: { name: 'x', zz: 1 } }, 400],
      ['PUT', `/${id}`, { aggregate: {} }, 400],
      ['PUT', `/${id}`, { aggregate: { name: '  ' } }, 400],
      ['PUT', `/${id}`, { aggregate: { availability_zone: null } }, 400],
      ['PUT', '/4711', { aggregate: { name: 'x' } }, 404],
      ['GET', '/name', undefined, 400],
      ['GET', `/${'9'.repeat(30)}`, undefined, 404],
      ['DELETE', '/4711', undefined, 404],
      ['POST', `/${id}/action`, { frob: {} }, 400],
      ['POST', `/${id}/action`, {}, 400],
      ['POST', `/${id}/action`, { add_host: { host: 'cmp1' }, remove_host: { host: 'cmp1' } }, 400],
      ['POST', `/${id}/action`, { add_host: { host: 'zz' } }, 404],
      ['POST', `/${id}/action`, { add_host: { host: 'c d' } }, 400],
      ['POST', `/${id}/action`, { add_host: {} }, 400],
      ['POST', `/${id}/action`, { remove_host: { host: 'cmp1' } }, 404],
      ['POST', `/${id}/action`, { set_metadata: { metadata: { 'b@d': 'x' } } }, 400],
      ['POST', `/${id}/action`, { set_metadata: { metadata: { k: long } } }, 400],
      ['POST', `/${id}/action`, { set_metadata: { metadata: { k: 1 } } }, 400],
      ['POST', `/${id}/action`, { set_metadata: { metadata: { availability_zone: 'a:b' } } }, 400],
      ['POST', `/${id}/action`, { set_metadata: { metadata: { availability_zone: null } } }, 400],
      ['POST', '/4711/action', { add_host: { host: 'cmp1' } }, 404],
    ];
    for (const [method, path, body, status] of bad) {
      const answer = await ask(method as 'GET', path, body);
      assert.equal(answer.statusCode, status, `${method} ${path} ${JSON.stringify(body)}: ${answer.body}`);
    }
    const named = await ask('GET', '/name');
    assert.equal(named.json().badRequest.message, 'id must be an integer');
    assert.equal(await act(id, { add_host: { host: 'zz' } }, 404), "Host 'zz' is not mapped to any cell");
  });

  test('for administrators only', async () => {
    for (const [method, path, body] of [
      ['GET', '/os-aggregates'],
      ['GET', '/os-aggregates/1'],
      ['DELETE', '/os-aggregates/1'],
      ['POST', '/os-aggregates/1/action', { add_host: {} }],
      ['POST', '/os-aggregates/1/action', { set_metadata: null }],
    ] as const)
      await compute.get({ method, path, token: compute.member.token, ...(body && { body }) }, 403);
  });

  test('images are fetched ahead by the hosts of an aggregate, from 2.81', async () => {
    const { id } = await make();
    const image = randomUUID();
    for (const [number, cache, version, status] of [
      [id, [{ id: image }], 80, 404],
      [id, [], 81, 400],
      [id, [{ id: 'debian' }], 81, 400],
      [id, [{ id: image, size: 1 }], 81, 400],
      [id, [{ id: image }, { id: image }], 81, 400],
      [id, [{ id: image }], 81, 400],
      [999, [{ id: image }], 81, 404],
    ] as const) {
      const answer = await ask('POST', `/${number}/images`, { cache }, version);
      assert.equal(answer.statusCode, status, answer.body);
    }
  });
});
