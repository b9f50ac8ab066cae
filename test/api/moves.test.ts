import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud([], ['cmp1', 'cmp2', 'cmp3']);
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const act = (id: string, body: object, version = '2.1', token = cloud.admin) =>
  cloud.compute('POST', `/servers/${id}/action`, { body, version, token });
const hostOf = async (id: string): Promise<string> =>
  (await cloud.compute('GET', `/servers/${id}`, { token: cloud.admin })).body.server['OS-EXT-SRV-ATTR:host'];
const on = (host: string) => ({ availability_zone: `nova:${host}` });
/** A server on a host that an administrator named. */
const serverOn = async (host: string, wish: object = {}): Promise<string> => {
  const server = { name: 's', flavorRef: 'small', imageRef: cloud.image, ...on(host), ...wish };
  const made = await cloud.compute('POST', '/servers', { body: { server }, token: cloud.admin });
  assert.equal(made.status, 202, made.text);
  await cloud.atRest(made.body.server.id);
  assert.equal(await hostOf(made.body.server.id), host);
  return made.body.server.id;
};
const messageOf = ({ body }: Answer) => (Object.values(body)[0] as { message: string }).message;
const forceDown = async (host: string, forced_down: boolean) => {
  const body = { host, binary: 'nova-compute', forced_down };
  const how = { token: cloud.admin, version: '2.11', body };
  assert.equal((await cloud.compute('PUT', '/os-services/force-down', how)).status, 200);
};

describe('moves of servers', () => {
  test('a cold migration, to be confirmed or reverted, to a host that is named or not', async () => {
    const id = await serverOn('cmp1');
    assert.deepEqual((await act(id, { migrate: null })).status, 202);
    assert.equal((await cloud.atRest(id))?.status, 'VERIFY_RESIZE');
    assert.notEqual(await hostOf(id), 'cmp1');
    assert.equal((await act(id, { revertResize: null })).status, 202);
    await cloud.atRest(id);
    assert.equal(await hostOf(id), 'cmp1');
    assert.equal((await act(id, { migrate: { host: 'cmp3' } }, '2.56')).status, 202);
    await cloud.atRest(id);
    assert.equal(await hostOf(id), 'cmp3');
    assert.equal((await act(id, { confirmResize: null })).status, 204);
    assert.equal((await cloud.atRest(id))?.status, 'ACTIVE');
    const listed = await cloud.compute('GET', `/os-migrations?instance_uuid=${id}`, {
      ...{ token: cloud.admin, version: '2.59' },
    });
    assert.deepEqual(
      listed.body.migrations.map((line: Record<string, unknown>) => [
        ...[line.migration_type, line.status, line.source_compute, line.dest_compute],
      ])[0],
      ['migration', 'confirmed', 'cmp1', 'cmp3'],
    );
  });

  for (const [version, wish] of [
    ['2.1', { host: 'cmp2', block_migration: 'True', disk_over_commit: false }],
    ['2.25', { host: 'cmp2', block_migration: 'auto' }],
    ['2.30', { host: 'cmp2', block_migration: 'auto', force: true }],
    ['2.68', { host: 'cmp2', block_migration: true }],
  ] as const)
    test(`a live migration at ${version}`, async () => {
      const id = await serverOn('cmp1');
      const answer = await act(id, { 'os-migrateLive': wish }, version);
      assert.deepEqual([answer.status, answer.text], [202, '']);
      assert.equal((await cloud.atRest(id))?.status, 'ACTIVE');
      assert.equal(await hostOf(id), 'cmp2');
    });

  test('a live migration that does not end is shown, and aborted or forced to', async () => {
    cloud.network.stalls = true;
    const how = { token: cloud.admin, version: '2.65' };
    /** The server's live migration, once it runs. */
    const running = async (id: string): Promise<string> => {
      const path = `/servers/${id}/migrations`;
      for (const until = Date.now() + 20_000; Date.now() < until; ) {
        const [live] = (await cloud.compute('GET', path, how)).body.migrations;
        if (live?.status === 'running') return `${path}/${live.id}`;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`server ${id} has no live migration that runs`);
    };
    const start = async () => {
      const id = await serverOn('cmp1');
      assert.equal(
        (await act(id, { 'os-migrateLive': { host: 'cmp2', block_migration: 'auto' } }, '2.30')).status,
        202,
      );
      return [id, await running(id)] as const;
    };
    const [stays, one] = await start();
    assert.equal((await cloud.compute('GET', one, how)).body.migration.dest_compute, 'cmp2');
    const aborted = await cloud.compute('DELETE', one, how);
    assert.deepEqual([aborted.status, aborted.text], [202, '']);
    assert.equal((await cloud.atRest(stays))?.status, 'ACTIVE');
    assert.equal(await hostOf(stays), 'cmp1');
    assert.equal((await cloud.compute('GET', one, how)).status, 404);
    const [goes, other] = await start();
    const body = { force_complete: null };
    const forced = await cloud.compute('POST', `${other}/action`, { ...how, body });
    assert.deepEqual([forced.status, forced.text], [202, '']);
    await cloud.atRest(goes);
    assert.equal(await hostOf(goes), 'cmp2');
    cloud.network.stalls = false;
    const listed = await cloud.compute('GET', '/os-migrations?migration_type=live-migration&limit=2', how);
    assert.deepEqual(
      listed.body.migrations.map((line: Record<string, unknown>) => line.status),
      ['completed', 'cancelled'],
    );
  });

  test('nothing goes from a host that is down, but what is evacuated', async () => {
    const ids = [await serverOn('cmp1'), await serverOn('cmp1')];
    await forceDown('cmp1', true);
    for (const [body, status, message] of [
      [{ migrate: null }, 409, 'Service is unavailable at this time.'],
      [{ resize: { flavorRef: 'large' } }, 409, 'Service is unavailable at this time.'],
      [
        { 'os-migrateLive': { host: null, block_migration: 'auto' } },
        ...([400, 'Compute service of cmp1 is unavailable at this time.'] as const),
      ],
    ] as const) {
      const answer = await act(ids[0] as string, body, '2.60');
      assert.deepEqual([answer.status, messageOf(answer)], [status, message]);
    }
    assert.equal((await cloud.atRest(ids[0] as string))?.status, 'ACTIVE');
    assert.equal((await act(ids[0] as string, { evacuate: {} }, '2.60')).status, 200);
    await cloud.atRest(ids[0] as string);
    assert.notEqual(await hostOf(ids[0] as string), 'cmp1');
    await forceDown('cmp1', false);
    assert.equal((await act(ids[1] as string, { migrate: null })).status, 202);
    await cloud.atRest(ids[1] as string);
    assert.notEqual(await hostOf(ids[1] as string), 'cmp1');
  });

  test('an evacuation answers as each microversion does, once the host is down', async () => {
    const ids = [await serverOn('cmp3'), await serverOn('cmp3'), await serverOn('cmp3')] as const;
    const early = await act(ids[0], { evacuate: {} }, '2.14');
    assert.deepEqual([early.status, messageOf(early)], [400, 'Compute service of cmp3 is still in use.']);
    await forceDown('cmp3', true);
    const first = await act(ids[0], { evacuate: { onSharedStorage: false, adminPass: 'secret' } });
    assert.deepEqual([first.status, first.body], [200, { adminPass: 'secret' }]);
    const second = await act(ids[1], { evacuate: { host: 'cmp1', force: true } }, '2.29');
    assert.deepEqual([second.status, second.text], [200, '']);
    const third = await act(ids[2], { evacuate: { host: 'cmp2' } }, '2.68');
    assert.deepEqual([third.status, third.text], [200, '']);
    for (const id of ids) assert.equal((await cloud.atRest(id))?.status, 'ACTIVE');
    assert.deepEqual([await hostOf(ids[1]), await hostOf(ids[2])], ['cmp1', 'cmp2']);
    await forceDown('cmp3', false);
  });

  test('bad input', async () => {
    const id = await serverOn('cmp1');
    const live = { host: null, block_migration: 'auto' };
    const bad: readonly [body: object, version: string, status: number, message?: string][] = [
      [{ migrate: { host: 'cmp1' } }, '2.56', 400, 'Cannot migrate to the host where the server exists.'],
      [{ migrate: { host: 'zz' } }, '2.56', 400, 'Compute host zz could not be found.'],
      [{ migrate: { zz: 1 } }, '2.56', 400],
      [{ migrate: { host: 'a b' } }, '2.56', 400],
      [{ 'os-migrateLive': live }, '2.24', 400],
      [{ 'os-migrateLive': { ...live, block_migration: 'perhaps' } }, '2.25', 400],
      [{ 'os-migrateLive': { ...live, disk_over_commit: false } }, '2.25', 400],
      [{ 'os-migrateLive': { ...live, force: false } }, '2.29', 400],
      [
        ...([{ 'os-migrateLive': { ...live, force: true } }, '2.30', 400] as const),
        "Can't force to a non-provided destination",
      ],
      [{ 'os-migrateLive': { ...live, force: false } }, '2.68', 400],
      [{ 'os-migrateLive': { block_migration: 'auto' } }, '2.68', 400],
      [{ 'os-migrateLive': { ...live, host: 'zz' } }, '2.30', 400, 'Compute host zz could not be found.'],
      [
        ...([{ 'os-migrateLive': { ...live, host: 'cmp1' } }, '2.30', 400] as const),
        `Unable to migrate instance (${id}) to current host (cmp1).`,
      ],
      [{ evacuate: {} }, '2.13', 400],
      [{ evacuate: { onSharedStorage: false } }, '2.14', 400],
      [
        ...([{ evacuate: { onSharedStorage: true, adminPass: 'x' } }, '2.1', 400] as const),
        "admin password can't be changed on existing disk",
      ],
      [{ evacuate: { force: false } }, '2.28', 400],
      [{ evacuate: { force: true } }, '2.29', 400, "Can't force to a non-provided destination"],
      [{ evacuate: { force: false } }, '2.68', 400],
      [{ evacuate: { host: 'zz' } }, '2.29', 404, 'Compute host zz not found.'],
      [{ evacuate: { host: 'cmp1' } }, '2.29', 400, "The target host can't be the same one."],
    ];
    for (const [body, version, status, message] of bad) {
      const answer = await act(id, body, version);
      assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.text}`);
      if (message !== undefined) assert.equal(messageOf(answer), message);
    }
    await act(id, { 'os-stop': null });
    await cloud.atRest(id);
    const stopped = await act(id, { 'os-migrateLive': live }, '2.30');
    assert.equal(
      messageOf(stopped),
      `Cannot 'os-migrateLive' instance ${id} while it is in vm_state stopped`,
    );
  });

  test('for administrators only', async () => {
    const id = await cloud.server();
    for (const [body, rule] of [
      [{ migrate: null }, 'os_compute_api:os-migrate-server:migrate'],
      [{ 'os-migrateLive': null }, 'os_compute_api:os-migrate-server:migrate_live'],
      [{ evacuate: null }, 'os_compute_api:os-evacuate'],
    ] as const) {
      const refused = await act(id, body, '2.1', cloud.member.token);
      assert.equal(refused.status, 403);
      assert.equal(messageOf(refused), `Policy doesn't allow ${rule} to be performed.`);
    }
  });
});

describe('where servers go', () => {
  const create = (wish: object, hints?: object, token = cloud.member.token) =>
    cloud.compute('POST', '/servers', {
      ...{ token, version: '2.1' },
      body: {
        server: { name: 's', flavorRef: 'small', imageRef: cloud.image, ...wish },
        ...(hints !== undefined && { 'os:scheduler_hints': hints }),
      },
    });
  const group = async (policy: string, token = cloud.member.token): Promise<string> => {
    const body = { server_group: { name: 'g', policies: [policy] } };
    return (await cloud.compute('POST', '/os-server-groups', { body, token })).body.server_group.id;
  };

  test('hosts of an aggregate are told to fetch an image ahead', async () => {
    const how = { token: cloud.admin, version: '2.81' };
    const aggregate = { aggregate: { name: 'caches' } };
    const { body } = await cloud.compute('POST', '/os-aggregates', { ...how, body: aggregate });
    const path = `/os-aggregates/${body.aggregate.id}`;
    await cloud.compute('POST', `${path}/action`, { ...how, body: { add_host: { host: 'cmp1' } } });
    const cache = { cache: [{ id: cloud.image }] };
    const answer = await cloud.compute('POST', `${path}/images`, { ...how, body: cache });
    assert.deepEqual([answer.status, answer.text], [202, '']);
    await cloud.compute('POST', `${path}/action`, { ...how, body: { remove_host: { host: 'cmp1' } } });
  });

  test('a group keeps its servers apart, and shows them', async () => {
    const id = await group('anti-affinity');
    const made = [await create({}, { group: id }), await create({}, { group: [id] })];
    const servers = made.map(({ body }) => body.server.id as string);
    for (const server of servers) assert.equal((await cloud.atRest(server))?.status, 'ACTIVE');
    assert.notEqual(await hostOf(servers[0]!), await hostOf(servers[1]!));
    const { server_group } = (await cloud.compute('GET', `/os-server-groups/${id}`)).body;
    assert.deepEqual(server_group.members, servers);
    for (const server of servers) {
      const shown = await cloud.compute('GET', `/servers/${server}`, { version: '2.71' });
      assert.deepEqual(shown.body.server.server_groups, [id]);
    }
  });

  test('a group that is not there, is another project’s, or is full', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    const foreign = await group('affinity', cloud.stranger.token);
    for (const hint of [unknown, foreign, 'x', 7, ['x', 'y']]) {
      const refused = await create({}, { group: hint });
      assert.equal(refused.status, 400, refused.text);
      assert.match(messageOf(refused), /^Instance group .* could not be found\.$/);
    }
    const id = await group('affinity');
    const refused = await create({ min_count: 11 }, { group: id });
    assert.deepEqual(
      [refused.status, messageOf(refused)],
      [403, 'Quota exceeded, too many servers in group'],
    );
  });

  test('hints that nobody would follow are refused; words that mean nothing are let through', async () => {
    for (const hint of ['same_host', 'different_host', 'build_near_host_ip'])
      assert.equal((await create({}, { [hint]: 'x' })).status, 501, hint);
    const made = await create({}, { my_own_word: 'x', query: '["=", "$free_ram_mb", 1]' });
    assert.equal(made.status, 202);
    await cloud.atRest(made.body.server.id);
  });

  test('a zone is that of an aggregate, and offered while one of its hosts is enabled', async () => {
    const how = { token: cloud.admin };
    const body = { aggregate: { name: 'east', availability_zone: 'east' } };
    const { id } = (await cloud.compute('POST', '/os-aggregates', { ...how, body })).body.aggregate;
    const change = (change: object) =>
      cloud.compute('POST', `/os-aggregates/${id}/action`, { ...how, body: change });
    const early = await create({ availability_zone: 'east' });
    assert.equal(messageOf(early), 'The requested availability zone is not available');
    const empty = await emptyHost();
    assert.equal((await change({ add_host: { host: empty } })).status, 200);
    const made = await create({ availability_zone: 'east' });
    const server = await cloud.atRest(made.body.server.id);
    assert.equal(server?.['OS-EXT-AZ:availability_zone'], 'east');
    assert.equal(await hostOf(made.body.server.id), empty);
    const service = { host: empty, binary: 'nova-compute' };
    await cloud.compute('PUT', '/os-services/disable', { ...how, body: service });
    assert.equal((await create({ availability_zone: 'east' })).status, 400);
    await cloud.compute('PUT', '/os-services/enable', { ...how, body: service });
  });

  /** A host whose servers have been deleted. */
  async function emptyHost(): Promise<string> {
    const { servers } = (
      await cloud.compute('GET', '/servers?all_tenants=1&host=cmp3', { token: cloud.admin })
    ).body;
    for (const { id } of servers) {
      await cloud.compute('DELETE', `/servers/${id}`, { token: cloud.admin });
      await cloud.atRest(id);
    }
    return 'cmp3';
  }
});
