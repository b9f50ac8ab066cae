import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiUnderTest, startApi } from '../api-under-test.ts';

let api: ApiUnderTest;
before(async () => {
  api = await startApi();
});
after(() => api.close());

test('version discovery answers without a token, with a slash at the end or none', async () => {
  for (const url of ['/networking', '/networking/']) {
    const { statusCode, body } = await api.ask(undefined, { method: 'GET', url, headers: { host: 'cloud' } });
    assert.equal(statusCode, 200);
    assert.deepEqual(JSON.parse(body), {
      versions: [
        {
          id: 'v2.0',
          status: 'CURRENT',
          links: [{ rel: 'self', href: 'http://cloud/networking/v2.0/' }],
        },
      ],
    });
  }
});

test('errors have the form of Neutron, but for a missing token', async () => {
  const token = await api.adminToken();
  const unknown = await api.ask(token, { method: 'GET', url: '/networking/v2.0/nothing' });
  assert.equal(unknown.statusCode, 404);
  assert.deepEqual(unknown.json(), {
    NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' },
  });
  const wrongMethod = await api.ask(token, { method: 'DELETE', url: '/networking/v2.0' });
  assert.equal(wrongMethod.statusCode, 405);
  assert.equal(wrongMethod.json().NeutronError.type, 'HTTPMethodNotAllowed');
  const nobody = await api.ask(undefined, { method: 'GET', url: '/networking/v2.0/nothing' });
  assert.equal(nobody.statusCode, 401);
  assert.equal(nobody.json().error.title, 'Unauthorized');
});
