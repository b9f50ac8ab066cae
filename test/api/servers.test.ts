import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud();
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const act = (id: string, body: object, version?: string) =>
  cloud.compute('POST', `/servers/${id}/action`, { body, ...(version && { version }) });
const show = async (id: string, version = '2.1', token = cloud.member.token) =>
  (await cloud.compute('GET', `/servers/${id}`, { version, token })).body.server;

describe('the life of a server', () => {
  test('create answers 202 with what clients read, and a Location', async () => {
    const body = { server: { name: 'first', flavorRef: 'small', imageRef: cloud.image } };
    const { status, body: made, headers } = await cloud.compute('POST', '/servers', { body });
    assert.equal(status, 202);
    assert.deepEqual(Object.keys(made.server).sort(), [
      'OS-DCF:diskConfig',
      'adminPass',
      'id',
      'links',
      'security_groups',
    ]);
    assert.equal(headers.get('location'), made.server.links[0].href);
    const server = await cloud.atRest(made.server.id);
    assert.equal(server?.status, 'ACTIVE');
    assert.equal((await cloud.compute('DELETE', `/servers/${made.server.id}`)).status, 204);
    assert.equal(await cloud.atRest(made.server.id), undefined);
  });

  test('each action leads where it should', async () => {
    const id = await cloud.server();
    const steps: readonly [body: object, status: number, then: string, version?: string][] = [
      [{ 'os-stop': null }, 202, 'SHUTOFF'],
      [{ 'os-start': null }, 202, 'ACTIVE'],
      [{ reboot: { type: 'HARD' } }, 202, 'ACTIVE'],
      [{ reboot: { type: 'soft' } }, 202, 'ACTIVE'],
      [{ pause: null }, 202, 'PAUSED'],
      [{ unpause: null }, 202, 'ACTIVE'],
      [{ suspend: null }, 202, 'SUSPENDED'],
      [{ resume: null }, 202, 'ACTIVE'],
      [{ rebuild: { imageRef: cloud.image } }, 202, 'ACTIVE'],
      [{ resize: { flavorRef: 'large' } }, 202, 'VERIFY_RESIZE'],
      [{ revertResize: null }, 202, 'ACTIVE'],
      [{ resize: { flavorRef: 'large' } }, 202, 'VERIFY_RESIZE'],
      [{ confirmResize: null }, 204, 'ACTIVE'],
      [{ lock: { locked_reason: 'kept' } }, 202, 'ACTIVE', '2.73'],
    ];
    for (const [body, status, then, version] of steps) {
      const answer = await act(id, body, version);
      assert.equal(answer.status, status, answer.text);
      assert.equal((await cloud.atRest(id))?.status, then, JSON.stringify(body));
    }
    assert.equal((await show(id, '2.73')).locked_reason, 'kept');
    assert.equal((await show(id, '2.47')).flavor.original_name, 'large');
    assert.equal((await act(id, { unlock: null })).status, 202);
    assert.equal((await act(id, { forceDelete: null })).status, 202);
    assert.equal(await cloud.atRest(id), undefined);
  });

  test('a rebuild answers with the server, its new name and a password', async () => {
    const id = await cloud.server();
    const { body, status } = await act(id, {
      rebuild: { imageRef: cloud.image, name: 'anew', adminPass: 'secret' },
    });
    assert.equal(status, 202);
    assert.equal(body.server.status, 'REBUILD');
    assert.equal(body.server.name, 'anew');
    assert.equal(body.server.adminPass, 'secret');
    await cloud.atRest(id);
  });

  test('several at once are numbered, and can be asked for by their reservation', async () => {
    const server = {
      name: 'm',
      flavorRef: 'small',
      imageRef: cloud.image,
      max_count: 2,
      return_reservation_id: true,
    };
    const { body } = await cloud.compute('POST', '/servers', { body: { server } });
    const { body: found } = await cloud.compute('GET', `/servers?reservation_id=${body.reservation_id}`);
    assert.deepEqual(found.servers.map(({ name }: { name: string }) => name).sort(), ['m-1', 'm-2']);
    for (const { id } of found.servers) await cloud.atRest(id);
  });

  test('the console log: all of it, or its last lines', async () => {
    const id = await cloud.server();
    const whole = await act(id, { 'os-getConsoleOutput': {} });
    assert.equal(whole.status, 200);
    assert.match(whole.body.output, new RegExp(`uuid=${id}`));
    assert.equal((await act(id, { 'os-getConsoleOutput': { length: 0 } })).body.output, '');
    assert.equal((await act(id, { 'os-getConsoleOutput': { length: 3 } })).body.output.split('\n').length, 3);
    assert.ok(whole.body.output.split('\n').length > 10, 'as many lines as clients expect of a boot');
    for (const length of [-1, 2 ** 31, 2 ** 53, '9'.repeat(20), '1'.repeat(400)]) {
      const { body } = await act(id, { 'os-getConsoleOutput': { length } });
      assert.equal(body.output, whole.body.output, String(length));
    }
  });
});

test('a server in ERROR is gone when its delete is answered', async () => {
  const server = {
    name: 'lost',
    flavorRef: 'small',
    imageRef: cloud.image,
    availability_zone: 'nova:nosuch',
  };
  const { body } = await cloud.compute('POST', '/servers', { body: { server }, token: cloud.admin });
  const { id } = body.server;
  const at = (method: string) => cloud.compute(method, `/servers/${id}`, { token: cloud.admin });
  assert.equal((await cloud.atRest(id))?.status, 'ERROR');
  assert.equal((await at('DELETE')).status, 204);
  assert.equal((await at('GET')).status, 404);
});

describe('what stands in the way', () => {
  test('a state that does not allow it: 409 in Nova words', async () => {
    const id = await cloud.server();
    const answer = await act(id, { 'os-start': null });
    assert.equal(answer.status, 409);
    assert.equal(
      answer.body.conflictingRequest.message,
      `Cannot 'start' instance ${id} while it is in vm_state active`,
    );
    assert.equal((await act(id, { restore: null })).status, 409);
  });

  test('a lock: 409 for its owner, nothing for an administrator', async () => {
    const id = await cloud.server();
    await act(id, { lock: null });
    for (const answer of [
      await act(id, { 'os-stop': null }),
      await cloud.compute('DELETE', `/servers/${id}`),
    ]) {
      assert.equal(answer.status, 409);
      assert.equal(answer.body.conflictingRequest.message, `Instance ${id} is locked`);
    }
    assert.equal((await cloud.compute('DELETE', `/servers/${id}`, { token: cloud.admin })).status, 204);
    assert.equal(await cloud.atRest(id), undefined);
  });

  test('a lock that an administrator made is not its owner to open', async () => {
    const id = await cloud.server();
    const admin = { token: cloud.admin };
    await cloud.compute('POST', `/servers/${id}/action`, { body: { lock: null }, ...admin });
    assert.equal((await act(id, { unlock: null })).status, 403);
    assert.equal(
      (await cloud.compute('POST', `/servers/${id}/action`, { body: { unlock: null }, ...admin })).status,
      202,
    );
  });

  test("quota: 403 in Nova's words, and nothing is made", async () => {
    const count = async () => (await cloud.compute('GET', '/servers')).body.servers.length;
    const had = await count();
    const server = { name: 'q', flavorRef: 'small', imageRef: cloud.image, min_count: 100 };
    const { status, body } = await cloud.compute('POST', '/servers', { body: { server } });
    assert.equal(status, 403);
    assert.match(
      body.forbidden.message,
      /^Quota exceeded for cores, instances: Requested 100, 100, but already used \d+, \d+ of 60, 40 cores, instances$/,
    );
    assert.equal(await count(), had);
  });

  test('of several servers as many are made as the quota leaves room for, when they are enough', async () => {
    const { projectId } = cloud.member;
    const { body: used } = await cloud.compute('GET', `/os-quota-sets/${projectId}/detail`, {
      token: cloud.admin,
    });
    const limits = { quota_set: { instances: used.quota_set.instances.in_use + 2 } };
    await cloud.compute('PUT', `/os-quota-sets/${projectId}`, { body: limits, token: cloud.admin });
    const few = { name: 'few', flavorRef: 'small', imageRef: cloud.image, min_count: 1, max_count: 5 };
    assert.equal((await cloud.compute('POST', '/servers', { body: { server: few } })).status, 202);
    const { body: found } = await cloud.compute('GET', '/servers?name=few');
    assert.deepEqual(found.servers.map(({ name }: { name: string }) => name).sort(), ['few-1', 'few-2']);
    for (const { id } of found.servers) await cloud.atRest(id);
    await cloud.compute('DELETE', `/os-quota-sets/${projectId}`, { token: cloud.admin });
  });
});

test("a server's state is what an administrator says it is", async () => {
  const id = await cloud.server();
  const reset = (state: string, token = cloud.admin) =>
    cloud.compute('POST', `/servers/${id}/action`, { body: { 'os-resetState': { state } }, token });
  assert.equal((await reset('error', cloud.member.token)).status, 403);
  assert.equal((await reset('stopped')).status, 400);
  assert.equal((await reset('error')).status, 202);
  assert.equal((await show(id)).status, 'ERROR');
  const { body } = await cloud.compute('GET', `/servers/${id}/os-instance-actions`);
  assert.equal(body.instanceActions[0].action, 'resetState');
  assert.equal((await reset('active')).status, 202);
  assert.equal((await act(id, { 'os-stop': null })).status, 202);
  await cloud.atRest(id);
  assert.equal((await show(id)).status, 'SHUTOFF');
  await act(id, { resize: { flavorRef: 'large' } });
  assert.equal((await cloud.atRest(id))?.status, 'VERIFY_RESIZE');
  assert.equal((await reset('active')).status, 409);
});

describe('who may', () => {
  test("another project's server is not there, whatever is asked of it", async () => {
    const id = await cloud.server();
    const token = cloud.stranger.token;
    const asked: readonly [method: string, path: string, body?: object][] = [
      ['GET', ''],
      ['PUT', '', { server: { name: 'mine' } }],
      ['DELETE', ''],
      ['GET', '/metadata'],
      ['POST', '/metadata', { metadata: { a: 'b' } }],
      ['GET', '/ips'],
      ['GET', '/os-instance-actions'],
      ['POST', '/action', { 'os-stop': null }],
      ['POST', '/action', { 'os-getConsoleOutput': {} }],
    ];
    for (const [method, path, body] of asked) {
      const answer = await cloud.compute(method, `/servers/${id}${path}`, { token, ...(body && { body }) });
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal(answer.body.itemNotFound.message, `Instance ${id} could not be found.`);
    }
    assert.deepEqual((await cloud.compute('GET', '/servers', { token })).body, { servers: [] });
    assert.equal((await show(id)).name, 's');
  });

  test('a reader reads, and changes nothing', async () => {
    const id = await cloud.server();
    const { token } = cloud.reader;
    assert.equal((await cloud.compute('GET', `/servers/${id}`, { token })).status, 200);
    const answer = await cloud.compute('DELETE', `/servers/${id}`, { token });
    assert.equal(answer.status, 403);
    assert.equal(
      answer.body.forbidden.message,
      "Policy doesn't allow os_compute_api:servers:delete to be performed.",
    );
    assert.equal(
      (await cloud.compute('POST', `/servers/${id}/action`, { token, body: { pause: null } })).status,
      403,
    );
  });

  test("all projects' servers are for administrators", async () => {
    await cloud.server();
    const refused = await cloud.compute('GET', '/servers/detail?all_tenants=1');
    assert.equal(refused.status, 403);
    assert.match(refused.body.forbidden.message, /os_compute_api:servers:detail:get_all_tenants/);
    assert.equal((await cloud.compute('GET', '/servers?all_tenants=0')).status, 200);
    const admin = { token: cloud.admin };
    assert.deepEqual((await cloud.compute('GET', '/servers', admin)).body.servers, []);
    assert.notDeepEqual((await cloud.compute('GET', '/servers?all_tenants=True', admin)).body.servers, []);
  });

  test('the URL may name the own project, and no other', async () => {
    const own = await cloud.compute('GET', `/${cloud.member.projectId}/servers?limit=1`);
    assert.equal(own.status, 200);
    for (const { links } of own.body.servers)
      assert.match(links[0].href, new RegExp(`/compute/v2\\.1/${cloud.member.projectId}/servers/`));
    const other = await cloud.compute('GET', `/${cloud.stranger.projectId}/servers`);
    assert.equal(other.status, 400);
    assert.match(other.body.badRequest.message, /^Malformed request URL: URL's project_id '/);
  });
});

describe('parts of a server', () => {
  test('name, description and host name', async () => {
    const id = await cloud.server();
    const server = { name: 'renamed', description: 'why not', hostname: 'renamed-1' };
    const { status, body } = await cloud.compute('PUT', `/servers/${id}`, {
      body: { server },
      version: '2.90',
    });
    assert.equal(status, 200);
    assert.equal(body.server.name, 'renamed');
    assert.equal(body.server.description, 'why not');
    assert.equal(body.server['OS-EXT-SRV-ATTR:hostname'], 'renamed-1');
    const nothing = await cloud.compute('PUT', `/servers/${id}`, { body: { server: {} }, version: '2.90' });
    assert.equal(nothing.status, 200);
    assert.equal(nothing.body.server.updated, body.server.updated);
  });

  test('access addresses and disk configuration are kept', async () => {
    const at = async (id: string) => {
      const server = await show(id);
      return [server.accessIPv4, server.accessIPv6, server['OS-DCF:diskConfig']];
    };
    const id = await cloud.server({ accessIPv4: '192.0.2.7', 'OS-DCF:diskConfig': 'AUTO' });
    assert.deepEqual(await at(id), ['192.0.2.7', '', 'AUTO']);
    const change = (server: object) => cloud.compute('PUT', `/servers/${id}`, { body: { server } });
    const changed = await change({ accessIPv6: '2001:DB8:0:0::0007', 'OS-DCF:diskConfig': 'MANUAL' });
    assert.equal(changed.body.server.accessIPv6, '2001:db8::7');
    assert.deepEqual(await at(id), ['192.0.2.7', '2001:db8::7', 'MANUAL']);
    const written = { accessIPv6: '0000:0000:0000:0000:0000:babe:220.12.22.2' };
    assert.equal((await change(written)).body.server.accessIPv6, '::babe:dc0c:1602');
    await change({ accessIPv6: '2001:db8::7' });
    await act(id, { resize: { flavorRef: 'large', 'OS-DCF:diskConfig': 'AUTO' } });
    await cloud.atRest(id);
    assert.deepEqual(await at(id), ['192.0.2.7', '2001:db8::7', 'AUTO']);
    await act(id, { confirmResize: null });
    await cloud.atRest(id);
    // As in Nova, a rebuild that does not say it takes the image's.
    await act(id, { rebuild: { imageRef: cloud.image, accessIPv4: '192.0.2.8' } });
    await cloud.atRest(id);
    assert.deepEqual(await at(id), ['192.0.2.8', '2001:db8::7', 'MANUAL']);
    const refused = await change({ accessIPv4: '192.0.2.300' });
    assert.equal(refused.status, 400);
    assert.match(
      refused.body.badRequest.message,
      /^Invalid input for field\/attribute accessIPv4. Value: 192.0.2.300. '192.0.2.300' is not a 'ipv4'/,
    );
  });

  test('metadata: set, add, replace, delete', async () => {
    const id = await cloud.server({ metadata: { a: '1' } });
    const at = `/servers/${id}/metadata`;
    const send = async (method: string, path: string, body?: object) => {
      const answer = await cloud.compute(method, path, { ...(body && { body }) });
      return [answer.status, answer.body];
    };
    assert.deepEqual(await send('POST', at, { metadata: { b: '2' } }), [
      200,
      { metadata: { a: '1', b: '2' } },
    ]);
    assert.deepEqual(await send('PUT', `${at}/c`, { meta: { c: '3' } }), [200, { meta: { c: '3' } }]);
    assert.deepEqual(await send('GET', `${at}/c`), [200, { meta: { c: '3' } }]);
    assert.deepEqual(await send('DELETE', `${at}/a`), [204, undefined]);
    assert.deepEqual(await send('GET', at), [200, { metadata: { b: '2', c: '3' } }]);
    assert.deepEqual(await send('PUT', at, { metadata: { z: '26' } }), [200, { metadata: { z: '26' } }]);
    assert.equal((await send('GET', `${at}/constructor`))[0], 404);
    assert.equal((await send('PUT', `${at}/c`, { meta: { d: '3' } }))[0], 400);
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`k${n}`, 'v']));
    const over = await cloud.compute('POST', at, { body: { metadata: many } });
    assert.equal(over.status, 403);
    assert.equal(over.body.forbidden.message, 'Maximum number of metadata items exceeds 128');
  });

  test('tags, from 2.26', async () => {
    const id = await cloud.server();
    const at = `/servers/${id}/tags`;
    const status = async (method: string, path: string, body?: object) =>
      (await cloud.compute(method, path, { version: '2.26', ...(body && { body }) })).status;
    assert.equal((await cloud.compute('GET', at, { version: '2.25' })).status, 404);
    assert.equal(await status('PUT', `${at}/x`), 201);
    assert.equal(await status('PUT', `${at}/x`), 204);
    assert.equal(await status('GET', `${at}/x`), 204);
    assert.equal(await status('GET', `${at}/y`), 404);
    assert.equal(await status('PUT', at, { tags: ['b', 'a'] }), 200);
    assert.equal(await status('PUT', at, { tags: ['a,b'] }), 400);
    assert.equal(await status('DELETE', `${at}/a`), 204);
    assert.deepEqual((await cloud.compute('GET', at, { version: '2.26' })).body, { tags: ['b'] });
    assert.equal(await status('DELETE', at), 204);
  });

  test('what needs a network is empty on none, and what needs a volume is', async () => {
    const server = { name: 's', flavorRef: 'small', imageRef: cloud.image, networks: 'none' };
    const made = await cloud.compute('POST', '/servers', { body: { server }, version: '2.37' });
    const { id } = made.body.server;
    await cloud.atRest(id);
    for (const [path, body] of [
      ['ips', { addresses: {} }],
      ['os-interface', { interfaceAttachments: [] }],
      ['os-security-groups', { security_groups: [] }],
      ['os-volume_attachments', { volumeAttachments: [] }],
      ['os-server-password', { password: '' }],
    ] as const)
      assert.deepEqual((await cloud.compute('GET', `/servers/${id}/${path}`)).body, body);
  });

  test('what was done is recorded under the id of the request, and outlives the server', async () => {
    const id = await cloud.server();
    const { headers } = await act(id, { 'os-stop': null });
    await cloud.atRest(id);
    const request = headers.get('x-compute-request-id');
    assert.match(String(request), /^req-[0-9a-f-]{36}$/);
    const at = `/servers/${id}/os-instance-actions`;
    const { body: list } = await cloud.compute('GET', at);
    assert.deepEqual(
      list.instanceActions.map(({ action }: { action: string }) => action),
      ['stop', 'create'],
    );
    const { body: member } = await cloud.compute('GET', `${at}/${request}`, { version: '2.84' });
    const [event] = member.instanceAction.events;
    assert.equal(event.result, 'Success');
    assert.deepEqual(Object.keys(event).sort(), [
      'details',
      'event',
      'finish_time',
      'hostId',
      'result',
      'start_time',
    ]);
    const first = await cloud.compute('GET', `${at}?limit=1`, { version: '2.58' });
    assert.match(first.body.links[0].href, new RegExp(`limit=1&marker=${request}$`));
    assert.equal(
      (await cloud.compute('GET', `${at}/req-nope`)).body.itemNotFound.message,
      'Action req-nope not found',
    );
    await cloud.compute('DELETE', `/servers/${id}`);
    await cloud.atRest(id);
    assert.equal((await cloud.compute('GET', at)).status, 404);
    assert.equal((await cloud.compute('GET', at, { version: '2.21' })).body.instanceActions.length, 3);
  });
});

describe('what a server at rest has not', () => {
  test('live migrations, NUMA, a stored password, a remote console', async () => {
    const id = await cloud.server();
    const admin = { token: cloud.admin, version: '2.24' };
    const none = await cloud.compute('GET', `/servers/${id}/migrations`, admin);
    assert.deepEqual([none.status, none.body], [200, { migrations: [] }]);
    const one = await cloud.compute('DELETE', `/servers/${id}/migrations/1`, admin);
    assert.equal(
      one.body.conflictingRequest.message,
      `Instance ${id} is in an invalid state for 'abort live migration'`,
    );
    const topology = await cloud.compute('GET', `/servers/${id}/topology`, { version: '2.78' });
    assert.deepEqual(topology.body, { nodes: [], pagesize_kb: null });
    assert.equal((await cloud.compute('DELETE', `/servers/${id}/os-server-password`)).status, 204);
    const body = { remote_console: { protocol: 'vnc', type: 'novnc' } };
    const refused = await cloud.compute('POST', `/servers/${id}/remote-consoles`, { version: '2.8', body });
    assert.equal(refused.body.badRequest.message, 'Unavailable console type novnc.');
    assert.equal((await cloud.compute('GET', `/servers/${id}/diagnostics`, admin)).status, 501);
  });
});
