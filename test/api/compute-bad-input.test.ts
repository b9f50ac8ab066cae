import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
let id: string;
before(async () => {
  cloud = await startCloud();
  id = await cloud.server();
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const FAULTS: Readonly<Record<number, string>> = {
  400: 'badRequest', 403: 'forbidden', 404: 'itemNotFound', 405: 'badMethod', 409: 'conflictingRequest', 413: 'overLimit',
  415: 'badMediaType', 501: 'notImplemented',
}; // biome-ignore format: one list

/** A refusal has Nova's shape, and tells nothing of the machine. */
function assertRefused(answer: Answer, status?: number): string {
  if (status !== undefined) assert.equal(answer.status, status, answer.text);
  const fault = answer.body[FAULTS[answer.status] ?? 'computeFault'];
  assert.equal(fault?.code, answer.status, answer.text);
  assert.equal(typeof fault.message, 'string');
  assert.match(String(answer.headers.get('content-type')), /^application\/json/);
  assert.doesNotMatch(answer.text, /\.ts|node_modules|SQLITE|at async|stack/);
  return fault.message;
}

const serverCount = async () =>
  (await cloud.compute('GET', '/servers?all_tenants=1', { token: cloud.admin })).body.servers.length;

describe('a create that cannot be right: 4xx, and nothing is made', () => {
  const wish = (more: object) => () => ({
    server: { name: 'x', flavorRef: 'small', imageRef: cloud.image, ...more },
  });
  const cases: readonly [why: string, body: () => unknown, version?: string, status?: number][] = [
    ['no body', () => undefined],
    ['an empty text', () => ''],
    ['broken JSON', () => '{"server":'],
    ['a list', () => []],
    ['null', () => 'null'],
    ['a number', () => '7'],
    ['a prototype', () => '{"server":{"__proto__":{"name":"x"}}}'],
    ['nothing in it', () => ({ server: {} })],
    ['unknown keys outside', () => ({ server: wish({})().server, more: 1 })],
    ['unknown keys inside', wish({ zzz: 1 })],
    ['no name', wish({ name: undefined })],
    ['an empty name', wish({ name: '' })],
    ['a name of spaces', wish({ name: '  ' })],
    ['a name with a line break', wish({ name: 'a\nb' })],
    ['a name with NUL', wish({ name: 'a\u0000b' })],
    ['too long a name', wish({ name: 'x'.repeat(256) })],
    ['a name that is a number', wish({ name: 7 })],
    ['an unknown flavor', wish({ flavorRef: 'nope' })],
    ['a path as flavor', wish({ flavorRef: '../../../etc/passwd' })],
    ['a flavor that is a list', wish({ flavorRef: ['small'] })],
    ['no image', wish({ imageRef: undefined })],
    ['an empty image', wish({ imageRef: '' })],
    ['an image that is no id', wish({ imageRef: 'tiny' })],
    ['an unknown image', wish({ imageRef: '00000000-0000-4000-8000-000000000000' })],
    ['more at least than at most', wish({ min_count: 3, max_count: 2 })],
    ['none', wish({ max_count: 0 })],
    ['fewer than none', wish({ min_count: -1 })],
    ['half a server', wish({ min_count: 1.5 })],
    ['a count in words', wish({ min_count: 'two' })],
    ['too many to count', wish({ max_count: 1e12 })],
    ['metadata that is a text', wish({ metadata: 'a=b' })],
    ['metadata with a number', wish({ metadata: { a: 1 } })],
    ['a metadata key with a slash', wish({ metadata: { 'a/b': '1' } })],
    ['a long metadata value', wish({ metadata: { a: 'x'.repeat(256) } })],
    ['user data that is not base64', wish({ user_data: '%%%' })],
    ['too much user data', wish({ user_data: 'eHh4'.repeat(16_385) })],
    ['an unknown key pair', wish({ key_name: 'nope' })],
    ['an unknown zone', wish({ availability_zone: 'nope' })],
    ['a host, asked for by a member', wish({ availability_zone: 'nova:cmp1' }), '2.1', 403],
    ['a named host, asked for by a member', wish({ host: 'cmp1', networks: 'none' }), '2.74', 403],
    ['a network', wish({ networks: [{ uuid: '00000000-0000-4000-8000-000000000000' }] })],
    ['networks as a word, too early', wish({ networks: 'none' }), '2.36'],
    ['no networks, from 2.37', wish({}), '2.37'],
    ['another word for networks', wish({ networks: 'some' }), '2.37'],
    ['a volume', wish({ block_device_mapping_v2: [{ source_type: 'volume', uuid: 'x', boot_index: 0 }] })],
    ['an unknown security group', wish({ security_groups: [{ name: 'web' }] })],
    ['a description, too early', wish({ description: 'x' }), '2.18'],
    ['a description that is a list', wish({ description: [] }), '2.19'],
    ['a tag with a comma', wish({ tags: ['a,b'], networks: 'none' }), '2.52'],
    ['the same tag twice', wish({ tags: ['a', 'a'], networks: 'none' }), '2.52'],
    ['a host name with a space', wish({ hostname: 'a b', networks: 'none' }), '2.90'],
    ['one host name for several', wish({ hostname: 'ab', networks: 'none', max_count: 2 }), '2.90'],
    ['a file that is not base64', wish({ personality: [{ path: '/etc/motd', contents: '*' }] }), '2.56'],
    ['a file without a path', wish({ personality: [{ contents: 'eA==' }] }), '2.1'],
    ['files, from 2.57', wish({ personality: [{ path: '/etc/motd', contents: 'eA==' }] }), '2.57'],
    ['a server group', () => ({ ...wish({})(), 'os:scheduler_hints': { group: 'x' } })],
  ];
  for (const [why, body, version = '2.1', status = 400] of cases)
    test(why, async () => {
      const had = await serverCount();
      const sent = body();
      const answer = await cloud.compute('POST', '/servers', {
        version,
        ...(sent !== undefined && { body: sent }),
      });
      assertRefused(answer, status);
      assert.equal(await serverCount(), had);
    });

  test('nested deeper than a stack is', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const body of [
      deep,
      `{"server":${deep}}`,
      `{"server":{"name":${deep}}}`,
      `{"server":{"metadata":{"a":${deep}}}}`,
    ])
      assertRefused(await cloud.compute('POST', '/servers', { body }), 400);
    for (const body of [`{"lock":${deep}}`, `{"reboot":${deep}}`, `{"rebuild":{"metadata":${deep}}}`])
      assertRefused(await cloud.compute('POST', `/servers/${id}/action`, { body, version: '2.73' }), 400);
  });
  test('more than a megabyte: 413', async () => {
    const answer = await cloud.compute('POST', '/servers', {
      body: { server: { name: 'x'.repeat(1_100_000) } },
    });
    assertRefused(answer, 413);
  });
  test('another type than JSON: 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      const answer = await cloud.compute('POST', '/servers', {
        body: '{}',
        headers: { 'content-type': type },
      });
      assertRefused(answer, 415);
    }
  });
});

describe('an action that cannot be right', () => {
  const cases: readonly [
    body: unknown,
    status: number,
    words?: string | RegExp | undefined,
    version?: string,
  ][] = [
    ['{', 400, 'Malformed request body'],
    [[], 400, 'Malformed request body'],
    [{}, 400, 'Malformed request body'],
    [{ pause: null, unpause: null }, 400, 'Malformed request body'],
    ['{"__proto__":null}', 400, 'Malformed request body'],
    [{ frob: null }, 400, 'There is no such action: frob'],
    [{ toString: null }, 400, 'There is no such action: toString'],
    [{ reboot: null }, 400, /None is not of type 'object'/],
    [{ reboot: { type: 'WARM' } }, 400, /'WARM' is not one of/],
    [{ reboot: { type: 'SOFT', force: true } }, 400, /'force' was unexpected/],
    [{ resize: { flavorRef: 'nope' } }, 400, 'Flavor nope could not be found.'],
    [{ resize: { flavorRef: 'small' } }, 400, 'When resizing, instances must change flavor!'],
    [{ rebuild: {} }, 400, /'imageRef' is a required property/],
    [{ rebuild: { imageRef: '00000000-0000-4000-8000-000000000000' } }, 400, 'Can not find requested image'],
    [
      { rebuild: { imageRef: '00000000-0000-4000-8000-000000000000', key_name: 'x' } },
      400,
      /'key_name' was unexpected/,
      '2.53',
    ],
    [{ lock: { locked_reason: '' } }, 400, undefined, '2.73'],
    [{ 'os-getConsoleOutput': { length: 'all' } }, 400],
    [{ 'os-getConsoleOutput': { length: -2 } }, 400],
    [{ 'os-getVNCConsole': { type: 'novnc' } }, 400, 'Unavailable console type novnc.'],
    [{ 'os-getVNCConsole': { type: 'novnc' } }, 404, undefined, '2.6'],
    [{ confirmResize: null }, 409],
    [{ migrate: null }, 403, /os_compute_api:os-migrate-server:migrate/],
    [{ shelve: null }, 501],
    [
      { addSecurityGroup: { name: 'others' } },
      404,
      /^Security group others is not found for project [0-9a-f]{32}$/,
    ],
  ];
  for (const [body, status, words, version = '2.1'] of cases)
    test(`${JSON.stringify(body)} at ${version}: ${status}`, async () => {
      const message = assertRefused(
        await cloud.compute('POST', `/servers/${id}/action`, { body, version }),
        status,
      );
      if (typeof words === 'string') assert.equal(message, words);
      else if (words !== undefined) assert.match(message, words);
    });
});

describe('paths and tokens', () => {
  const missing = [
    'nope',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '1 OR 1=1',
    "'; drop table servers; --",
    'x'.repeat(900),
    '00000000-0000-4000-8000-000000000000',
  ];
  for (const name of missing)
    test(`GET /servers/${name.slice(0, 40)}: 404`, async () => {
      assertRefused(
        await cloud.compute('GET', `/servers/${name.includes('%') ? name : encodeURIComponent(name)}`),
        404,
      );
    });

  test('what is no path at all: 404', async () => {
    for (const path of [
      '/compute/v2.1/nope',
      '/compute/v2.1/servers/x/nope',
      '/nope',
      `/compute/v2.1/servers/${'x'.repeat(5000)}`,
    ])
      assertRefused(await cloud.ask({ path, token: cloud.member.token }), 404);
  });

  test('dots in a path lead nowhere', async () => {
    for (const path of [
      '/compute/v2.1/../../etc/passwd',
      '/compute/v2.1/servers/../../../identity/v3/users',
      '//etc/passwd',
    ])
      assert.notEqual((await raw(path)).status, 200, path);
  });

  test('without a token, or with a forged one: 401, whatever the path', async () => {
    for (const token of [undefined, '', 'forged', 'x'.repeat(8000), "' or 1=1"])
      for (const path of ['/servers', `/servers/${id}`, '/nope', '/flavors']) {
        const headers = { 'x-auth-token': token ?? '' };
        const answer = await cloud.ask({ path: `/compute/v2.1${path}`, headers });
        assert.equal(answer.status, 401);
        assert.equal(answer.body.error.title, 'Unauthorized');
        assert.match(
          String(answer.headers.get('www-authenticate')),
          /^Keystone uri="http:\/\/.*\/identity\/v3"$/,
        );
      }
  });

  test('a token comes before a body: nothing is read of a stranger', async () => {
    const answer = await cloud.ask({ method: 'POST', path: '/compute/v2.1/servers', body: '{' });
    assert.equal(answer.status, 401);
  });

  test('versions: 406 and 400 say which was asked', async () => {
    const above = await cloud.compute('GET', '/servers', { version: '2.999' });
    assertRefused(above, 406);
    assert.equal(above.headers.get('openstack-api-version'), 'compute 2.999');
    assertRefused(await cloud.compute('GET', '/servers', { version: 'abc' }), 400);
  });

  test('what is no HTTP is refused, and ends nothing', async () => {
    for (const text of ['nonsense\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`])
      assert.match(await bytes(text), /^HTTP\/1\.1 4\d\d /);
    assert.equal((await cloud.compute('GET', '/servers')).status, 200);
  });
});

describe('whatever JSON is sent, no 5xx but 501', () => {
  const words = [
    'server',
    'name',
    'imageRef',
    'flavorRef',
    'metadata',
    'networks',
    'pause',
    'rebuild',
    'resize',
    'lock',
    'meta',
    'tags',
  ];
  const json = fc.jsonValue({ maxDepth: 4 });
  const likely = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      json,
      fc.dictionary(fc.constantFrom(...words), tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  const targets: readonly [method: string, path: () => string][] = [
    ['POST', () => '/servers'],
    ['PUT', () => `/servers/${id}`],
    ['POST', () => `/servers/${id}/action`],
    ['POST', () => `/servers/${id}/metadata`],
    ['PUT', () => `/servers/${id}/metadata/name`],
    ['PUT', () => `/servers/${id}/tags`],
  ];
  const version = fc.integer({ min: 1, max: 93 }).map((minor) => `2.${minor}`);
  test('at any version', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), likely, version, async ([method, path], body, at) => {
        const answer = await cloud.compute(method, path(), { body: JSON.stringify(body), version: at });
        assert.ok(answer.status < 500 || answer.status === 501, `${answer.status} ${answer.text}`);
        if (answer.status >= 400) assertRefused(answer);
      }),
      { numRuns: 400 },
    );
  });

  test('more of everything in a query than anybody needs', async () => {
    const many = (word: string, count: number) => Array.from({ length: count }, () => word).join('&');
    const tags = Array.from({ length: 3000 }, (_, n) => n.toString(36)).join(',');
    for (const query of [`tags=${tags}`, `not-tags-any=${tags}`])
      assertRefused(await cloud.compute('GET', `/servers?${query}`, { version: '2.26' }), 400);
    for (const query of [
      many('sort_key=uuid', 900),
      many('status=REBOOT', 900),
      many('limit=1', 900),
      `name=${'(a*)*'.repeat(20)}b`,
    ])
      assert.equal((await cloud.compute('GET', `/servers?${query}`)).status, 200, query.slice(0, 30));
  });

  test('and whatever is asked of a list', async () => {
    const name = fc.constantFrom(
      'limit',
      'marker',
      'name',
      'status',
      'sort_key',
      'sort_dir',
      'tags',
      'changes-since',
      'deleted',
      'power_state',
      'locked',
      'ip',
    );
    const query = fc.array(fc.tuple(name, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(query, version, async (asked, at) => {
        const params = new URLSearchParams(asked.map(([key, value]) => [key, value.toWellFormed()]));
        const answer = await cloud.compute('GET', `/servers/detail?${params}`, { version: at });
        assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
        if (answer.status >= 400) assertRefused(answer);
      }),
      { numRuns: 200 },
    );
  });
});

/** Sends a path as it is: `fetch` would tidy it first. */
function raw(path: string): Promise<{ status: number }> {
  const { hostname, port } = new URL(cloud.service.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { 'x-auth-token': cloud.member.token } }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0 }));
    })
      .on('error', reject)
      .end();
  });
}

/** Sends bytes as they are, and answers what comes until the other side hangs up. */
async function bytes(text: string): Promise<string> {
  const { hostname, port } = new URL(cloud.service.url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1').write(text);
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  await once(socket, 'close');
  return answer;
}
