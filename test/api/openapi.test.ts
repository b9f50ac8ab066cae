import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { takeDifferences } from '../lab/checked-answers.ts';
import { type ApiUnderTest, startApi } from './api-under-test.ts';

describe('GET /openapi', () => {
  let api: ApiUnderTest;
  before(async () => {
    api = await startApi();
  });
  after(() => api.close());
  const document = async (url: string, status = 200) => {
    const answer = await api.ask(undefined, { url: `/openapi/${url}` });
    assert.equal(answer.statusCode, status, answer.body);
    return answer.json();
  };

  test('every service has its document, for everybody', async () => {
    for (const [name, path] of [
      ['identity', '/identity/v3/auth/tokens'],
      ['image', '/image/v2/images/{id}'],
      ['compute', '/compute/v2.1/servers/{server_id}'],
      ['nameplate', '/nameplate/v1/servers/{server_id}/serial'],
    ] as const) {
      const { openapi, paths } = await document(`${name}.json`);
      assert.equal(openapi, '3.1.0');
      assert.ok(path in paths, name);
    }
    await document('volume.json', 404);
  });

  test('that of compute is of the latest microversion, or of the one that is asked for', async () => {
    const tags = '/compute/v2.1/servers/{server_id}/tags';
    for (const [query, version, has] of [
      ['', '2.93', true],
      ['?microversion=latest', '2.93', true],
      ['?microversion=2.26', '2.26', true],
      ['?microversion=2.25', '2.25', false],
    ] as const) {
      const { info, paths } = await document(`compute.json${query}`);
      assert.equal(info.version, version);
      assert.equal(tags in paths, has, query);
    }
  });

  test('a microversion that is not served is refused with those that are', async () => {
    for (const word of ['2.94', '2.0', '3.1', 'newest', '2.999999', '']) {
      const { badRequest } = await document(`compute.json?microversion=${word}`, 400);
      assert.match(badRequest.message, /^microversion must be 2\.1 to 2\.93 or latest, not /);
    }
  });
});

test('an answer that differs from its OpenAPI document is told by the tests, with what differs', async () => {
  const api = await startApi({
    wrapStore: (store) => {
      const { images } = store;
      const broken = {
        ...images,
        find: async () => ({ ...(await images.list({}, { limit: 1 }))[0]!, minRam: '1' }),
      };
      return { ...store, images: broken as unknown as typeof images };
    },
  });
  try {
    const token = await api.adminToken();
    const payload = { name: 'x', disk_format: 'raw', container_format: 'bare' };
    const { id } = (await api.ask(token, { method: 'POST', url: '/image/v2/images', payload })).json();
    assert.deepEqual(takeDifferences(), []);
    assert.equal((await api.ask(token, { url: `/image/v2/images/${id}` })).statusCode, 200);
    const [difference, ...others] = takeDifferences();
    assert.deepEqual(others, []);
    assert.match(difference!, /^GET \/image\/v2\/images\/:id at 2\.1 \(200\): \/min_ram must be integer/);
  } finally {
    await api.close();
  }
});
