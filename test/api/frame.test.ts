import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

const PUBLIC = 'https://cloud.example.org';
let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud([['nameplate', 'public_url', PUBLIC]]);
});
after(() => cloud.close());

const REQUEST_ID = /^req-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

describe('headers of every Compute answer', () => {
  test('the version that was negotiated, in both forms, also on a refusal', async () => {
    for (const [path, status] of [
      ['/servers', 200],
      ['/servers/x', 404],
      ['/nope', 404],
      ['/', 200],
    ] as const) {
      const { headers, status: was } = await cloud.compute('GET', path, { version: '2.42' });
      assert.equal(was, status);
      assert.equal(headers.get('openstack-api-version'), 'compute 2.42');
      assert.equal(headers.get('x-openstack-nova-api-version'), '2.42');
      assert.equal(headers.get('vary'), 'OpenStack-API-Version, X-OpenStack-Nova-API-Version');
    }
  });

  test('without one, 2.1; latest is the newest', async () => {
    assert.equal(
      (await cloud.compute('GET', '/servers')).headers.get('openstack-api-version'),
      'compute 2.1',
    );
    const latest = await cloud.compute('GET', '/servers', { version: 'latest' });
    assert.equal(latest.headers.get('openstack-api-version'), 'compute 2.93');
  });

  test('a request id under both names, our own, another each time', async () => {
    const given = 'req-00000000-0000-4000-8000-000000000000';
    const seen = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const { headers } = await cloud.compute('GET', '/servers', {
        headers: { 'x-openstack-request-id': given },
      });
      const id = String(headers.get('x-compute-request-id'));
      assert.match(id, REQUEST_ID);
      assert.equal(headers.get('x-openstack-request-id'), id);
      seen.add(id);
    }
    assert.equal(seen.size, 3);
    assert.equal(seen.has(given), false);
  });

  test('the other services have the one name for it, and no version', async () => {
    for (const path of ['/identity/v3', '/image/v2/images']) {
      const { headers } = await cloud.ask({ path, token: cloud.member.token });
      assert.match(String(headers.get('x-openstack-request-id')), REQUEST_ID);
      assert.equal(headers.get('x-compute-request-id'), null);
      assert.equal(headers.get('openstack-api-version'), null);
    }
  });
});

describe('ways to a service', () => {
  test('a configured public URL stands in every link, whatever a client says', async () => {
    const id = await cloud.server();
    const headers = { 'x-forwarded-host': 'evil.example', host: 'evil.example' };
    const { text } = await cloud.compute('GET', `/servers/${id}`, { headers });
    assert.match(text, new RegExp(`${PUBLIC}/compute/v2\\.1/servers/${id}`));
    assert.doesNotMatch(text, /evil|127\.0\.0\.1/);
  });

  test('/compute/v2 leaves out what it does not know; /compute/v2.1 refuses it', async () => {
    const server = { name: 'old', flavorRef: 'small', imageRef: cloud.image, zzz: { a: 1 } };
    const send = (path: string) =>
      cloud.ask({ method: 'POST', path, token: cloud.member.token, body: { server } });
    assert.equal((await send('/compute/v2.1/servers')).status, 400);
    const made = await send('/compute/v2/servers');
    assert.equal(made.status, 202, made.text);
    assert.equal(made.body.server.links[0].href, `${PUBLIC}/compute/v2/servers/${made.body.server.id}`);
    await cloud.atRest(made.body.server.id);
  });

  test('Identity answers at the root too', async () => {
    const root = await cloud.ask({ path: '/v3' });
    assert.deepEqual([root.status, root.body.version.id.slice(0, 3)], [200, 'v3.']);
    assert.equal((await cloud.ask({ path: '/' })).status, 300);
  });
});

describe('a method that a path has not', () => {
  test('Compute: 404; Identity and Image: 405, each in its shape, and what there is', async () => {
    const { token } = cloud.member;
    const compute = await cloud.ask({ method: 'PATCH', path: '/compute/v2.1/servers', token });
    assert.deepEqual([compute.status, Object.keys(compute.body)], [404, ['itemNotFound']]);
    const identity = await cloud.ask({ method: 'PATCH', path: '/identity/v3/auth/tokens', token });
    assert.deepEqual([identity.status, identity.body.error.title], [405, 'Method Not Allowed']);
    assert.match(String(identity.headers.get('allow')), /POST/);
    const image = await cloud.ask({ method: 'PUT', path: '/image/v2/images', token });
    assert.equal(image.status, 405);
    assert.match(String(image.headers.get('content-type')), /^text\//);
  });
});

describe('who may come in', () => {
  test('a token without a project is known, and may do nothing in Compute', async () => {
    const user = { name: 'one', domain: { id: 'default' }, password: 'password of one' };
    const body = { auth: { identity: { methods: ['password'], password: { user } }, scope: 'unscoped' } };
    const issued = await cloud.ask({ method: 'POST', path: '/identity/v3/auth/tokens', body });
    const token = String(issued.headers.get('x-subject-token'));
    const { status, body: refused } = await cloud.compute('GET', '/servers', { token });
    assert.equal(status, 403);
    assert.equal(
      refused.forbidden.message,
      "Policy doesn't allow os_compute_api:servers:index to be performed.",
    );
  });

  test('a token that was revoked ends at once', async () => {
    const user = { name: 'one', domain: { id: 'default' }, password: 'password of one' };
    const scope = { project: { id: cloud.member.projectId } };
    const body = { auth: { identity: { methods: ['password'], password: { user } }, scope } };
    const issued = await cloud.ask({ method: 'POST', path: '/identity/v3/auth/tokens', body });
    const token = String(issued.headers.get('x-subject-token'));
    assert.equal((await cloud.compute('GET', '/servers', { token })).status, 200);
    const headers = { 'x-subject-token': token };
    await cloud.ask({ method: 'DELETE', path: '/identity/v3/auth/tokens', token, headers });
    assert.equal((await cloud.compute('GET', '/servers', { token })).status, 401);
  });
});

test('a part that fails says so without a word of itself, and the log knows the request', async () => {
  const other = await startCloud();
  try {
    await other.compute('GET', '/servers');
    await other.service.store.close();
    const answer = await other.compute('GET', '/servers');
    assert.equal(answer.status, 503);
    assert.deepEqual(Object.keys(answer.body), ['serviceUnavailable']);
    const id = String(answer.headers.get('x-compute-request-id'));
    assert.ok(
      other.errors.some((line) => line.includes(id)),
      other.errors.join('\n'),
    );
  } finally {
    await other.close();
  }
});
