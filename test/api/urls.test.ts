import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type CloudUnderTest, PASSWORD, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

/** Sends a path byte for byte: `fetch` would resolve its dots. */
function statusOf(path: string, how: { readonly method?: string; readonly token?: string } = {}) {
  const { method = 'GET', token } = how;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { hostname, port } = new URL(cloud.service.url);
  const headers = token === undefined ? {} : { 'x-auth-token': token };
  request({ hostname, port, method, path, headers }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
  })
    .on('error', reject)
    .end();
  return promise;
}

describe('doubled slashes', () => {
  const folded = [
    '/compute/v2.1//limits',
    '//compute//v2.1//servers//detail',
    '/compute/v2.1//os-quota-sets//PROJECT',
    '/compute/v2.1/PROJECT//servers',
    '/compute//v2//servers',
    '/identity//v3//auth///projects',
    '//v3//auth/projects',
    '/image//v2//images',
    '/nameplate//v1//servers//NONE//serial',
  ];
  for (const path of folded)
    test(`are one in ${path}`, async () => {
      const { token, projectId } = cloud.member;
      const written = path.replace('PROJECT', projectId);
      const plain = written.replace(/\/{2,}/g, '/');
      assert.equal(await statusOf(written, { token }), await statusOf(plain, { token }));
      if (!path.includes('NONE')) assert.equal(await statusOf(written, { token }), 200);
    });

  test('let a client log in at /identity//v3/auth/tokens', async () => {
    const user = { name: 'admin', domain: { id: 'default' }, password: PASSWORD };
    const body = { auth: { identity: { methods: ['password'], password: { user } } } };
    for (const path of ['/identity//v3/auth/tokens', '//v3/auth/tokens', '/identity/v3/auth/tokens/'])
      assert.equal((await cloud.ask({ method: 'POST', path, body })).status, 201, path);
  });

  test('keep the query as it is, in the links of the next page too', async () => {
    const path = '/compute/v2.1//flavors?limit=1&x=a//b';
    const { body } = await cloud.ask({ path, token: cloud.member.token });
    assert.match(body.flavors_links[0].href, /\/compute\/v2\.1\/flavors\?limit=1&x=a%2F%2Fb&marker=/);
  });

  test('lead past no check of the project that a URL names', async () => {
    const { token } = cloud.member;
    const other = cloud.stranger.projectId;
    for (const path of [`/compute/v2.1//${other}/servers`, `/compute/v2%2e1/${other}//servers`])
      assert.equal(await statusOf(path, { token }), 400, path);
  });
});

describe('a slash at the end', () => {
  const cases: readonly [path: string, status: number][] = [
    ['/compute/', 200],
    ['/compute/v2.1/', 200],
    ['/compute/v2/', 200],
    ['/compute/v2.1/PROJECT/', 200],
    ['/compute/v2.1/servers/', 404],
    ['/compute/v2.1/servers/detail/?limit=1', 404],
    ['/compute/v2.1/PROJECT/flavors/', 404],
    ['/compute/v2.1/os-networks/', 404],
    ['/compute/v2.1/os-simple-tenant-usage/PROJECT/', 404],
    ['/compute/v2.1/limits//', 404],
    ['/identity/', 300],
    ['/identity/v3/', 200],
    ['/v3/', 200],
    ['/identity/v3/auth/projects/', 200],
    ['/identity/v3/auth/projects//', 200],
    ['/v3/auth/catalog/?x=/', 200],
    ['/image/', 300],
    ['/image/v2/images/', 404],
    ['/image/v2/schemas/image/', 404],
    ['/nameplate/v1/serials/', 404],
  ];
  for (const [path, status] of cases)
    test(`${path} is answered ${status}`, async () => {
      const { token, projectId } = cloud.member;
      assert.equal(await statusOf(path.replace('PROJECT', projectId), { token }), status);
    });
});

describe('a path that is not there', () => {
  test('is 404 in Identity whether or not a token comes with it, whatever the method', async () => {
    for (const path of ['/identity/v2.0/tokens', '/identity/v3/nope', '/identity/nope/', '/v2.0/tokens'])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])
        assert.equal(await statusOf(path, { method }), 404, `${method} ${path}`);
    assert.equal(await statusOf('/identity/v2.0/tokens', { token: 'wrong' }), 404);
  });

  test('is 405 in Identity without a token, where the path is there and the method is not', async () => {
    assert.equal(await statusOf('/identity/v3/projects', { method: 'DELETE' }), 405);
  });

  test('is 401 in Compute and Image without a token, and 404 with one', async () => {
    const paths = ['/compute/v2.1/nope', '/compute/v2.1/servers/', '/image/v2/nope', '/image/v2/images/'];
    for (const path of paths) {
      assert.equal(await statusOf(path), 401, path);
      assert.equal(await statusOf(path, { method: 'POST' }), 401, path);
      assert.equal(await statusOf(path, { token: cloud.member.token }), 404, path);
    }
  });
});

describe('dots and escapes in a path', () => {
  test('are never resolved', async () => {
    const { token } = cloud.member;
    for (const path of [
      '/compute/v2.1/./servers',
      '/compute/v2.1/flavors/../servers',
      '/compute/v2.1/flavors/%2e%2e/servers',
      '/compute/v2.1/flavors%2F..%2Fservers',
      '/image/v2/images/..%2f..%2fetc%2fpasswd',
      '/image/v2/images/../../../etc/passwd',
      '/identity/v3/users/..',
      '/identity/v3/users/%2e',
    ])
      assert.ok([403, 404].includes(await statusOf(path, { token })), path);
  });

  test('stand for the characters that they escape, and for nothing more', async () => {
    const { token } = cloud.member;
    assert.equal(await statusOf('/compute/v2.1/fl%61vors/%73mall', { token }), 200);
    assert.equal(await statusOf('/compute/v2.1/flavors/%2573mall', { token }), 404);
    assert.equal(await statusOf('/compute/v2.1/flavors/100%', { token }), 404);
    assert.equal(await statusOf('/compute/v2.1/flavors?x=100%', { token }), 200);
  });

  test('that are not UTF-8 are refused as malformed in every service, before any token', async () => {
    for (const path of [
      '/compute/v2.1/flavors/caf%E9',
      '/compute/v2.1/servers?name=%ED%A0%80',
      '/compute/v2.1/servers?marker=%00',
      '/identity/v3/users/%FF',
      '/identity/v3/users?name=%C0%AF',
      '/v3/projects?name=%80',
      '/image/v2/images/%fe',
      '/image/v2/images?name=%f8',
      '/image/v2/images?tag=a%00b',
      '/nameplate/v1/serials?value=%e9',
    ])
      assert.equal(await statusOf(path), 400, path);
  });

  test('that hold U+0000 name nothing that is there, and nothing can be called so', async () => {
    const { admin } = cloud;
    const id = await cloud.server();
    for (const path of [
      '/compute/v2.1/flavors/%00',
      '/compute/v2.1/os-keypairs/a%00b',
      `/compute/v2.1/servers/${id}/tags/%00`,
      '/identity/v3/projects/%00',
      '/image/v2/images/%00/file',
    ])
      assert.equal(await statusOf(path, { token: admin }), 404, path);
    for (const path of [
      `/image/v2/images/${cloud.image}/tags/a%00`,
      `/compute/v2.1/servers/${id}/metadata/a%00`,
    ])
      assert.equal(await statusOf(path, { token: admin, method: 'PUT' }), 400, path);
  });
});
