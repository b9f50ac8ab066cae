import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { identityService } from '../../src/api/identity/service.ts';
import { imageService } from '../../src/api/image/service.ts';
import { type ApiUnderTest, errorsLogged, startApi } from './api-under-test.ts';

/** Ids that exist, so that random requests get past the first 404. */
interface Known {
  readonly [parameter: string]: string;
}
let api: ApiUnderTest;
let admin: string;
let known: { identity: Known; image: Known };
before(async () => {
  api = await startApi();
  admin = await api.adminToken();
  const { userId, projectId } = await api.projectWith('member', 'target');
  const [role] = (await api.ask(admin, { url: '/v3/roles?name=reader' })).json().roles;
  const image = await api.ask(admin, {
    method: 'POST',
    url: '/image/v2/images',
    payload: { name: 'target' },
  });
  known = {
    identity: { id: userId, userId, projectId, roleId: role.id },
    image: { id: image.json().id, member: projectId, tag: 't' },
  };
});
after(() => api.close());

/** Words that services know, so that random bodies are nearly right now and then. */
const word = fc.constantFrom(
  ...[
    'auth',
    'identity',
    'methods',
    'password',
    'token',
    'user',
    'project',
    'role',
    'domain',
    'scope',
    'name',
    'id',
  ],
  ...[
    'tags',
    'enabled',
    'op',
    'path',
    'value',
    'add',
    '/name',
    '/foo',
    'disk_format',
    'visibility',
    'member',
    'status',
  ],
  ...['__proto__', 'constructor', 'toString', 'hw_unique_serial', 'default', 'Default', 'admin'],
);
const text = fc.oneof(word, fc.string(), fc.string({ unit: 'binary' }));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5 }),
  ),
})).value;
const body = fc.oneof(
  json.map((value) => JSON.stringify(value) ?? ''),
  fc.string(),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(
      fc.tuple(fc.oneof(word, fc.constantFrom('limit', 'marker', 'sort', 'size_min', 'created_at')), text),
    )
    .map(
      (pairs) => `?${new URLSearchParams(pairs.map(([key, value]) => [wellFormed(key), wellFormed(value)]))}`,
    ),
);

function wellFormed(given: string): string {
  return given.toWellFormed();
}

const routes = [identityService, imageService].flatMap(({ name, prefix, routes }) =>
  routes.map((route) => ({ service: name as 'identity' | 'image', prefix, route })),
);
const TYPES: Record<string, readonly string[]> = {
  identity: ['application/json', 'text/plain'],
  image: [
    'application/json',
    'application/openstack-images-v2.1-json-patch',
    'application/octet-stream',
    'text/plain',
  ],
};

test('whatever is sent, no route fails inside', async () => {
  const request = fc
    .record({ at: fc.constantFrom(...routes), body, query, real: fc.boolean(), junk: text, type: fc.nat() })
    // The administrator's own token must live on.
    .filter(({ at: { route } }) => !(route.method === 'DELETE' && route.path === '/v3/auth/tokens'));
  await fc.assert(
    fc.asyncProperty(request, async ({ at, body, query, real, junk, type }) => {
      const path = at.route.path.replace(/:(\w+)/g, (_, parameter: string) =>
        encodeURIComponent((real ? known[at.service][parameter] : undefined) ?? wellFormed(junk || 'x')),
      );
      const types = TYPES[at.service] ?? [];
      const hasBody = at.route.method !== 'GET' && at.route.method !== 'HEAD';
      const asked: InjectOptions = {
        method: at.route.method,
        url: `${at.prefix}${path}${query}`,
        ...(hasBody ? { payload: body, headers: { 'content-type': types[type % types.length] ?? '' } } : {}),
      };
      const answer = await api.ask(admin, asked);
      const { statusCode } = answer;
      assert.ok(
        statusCode < 500 || statusCode === 501,
        `${statusCode} ${JSON.stringify(asked)} ${answer.body}`,
      );
      if (statusCode >= 400 && asked.method !== 'HEAD') {
        const isJson = String(answer.headers['content-type']).startsWith('application/json');
        assert.equal(isJson, at.service === 'identity');
        if (isJson) assert.equal(answer.json().error.code, statusCode);
        assert.ok(!answer.body.includes(api.folder));
      }
    }),
    { numRuns: 3000 },
  );
  assert.deepEqual(errorsLogged, []);
});
