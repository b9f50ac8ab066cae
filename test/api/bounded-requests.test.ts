import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { knownImageProperties } from '../../src/model/image-property.ts';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
let unlimited: CloudUnderTest;
before(async () => {
  cloud = await startCloud();
  unlimited = await startCloud([
    ['quota', 'instances', '-1'],
    ['quota', 'cores', '-1'],
    ['quota', 'ram', '-1'],
    ['api', 'max_servers_per_request', '3'],
  ]);
});
after(async () => {
  await cloud.close();
  await unlimited.close();
});

async function create(on: CloudUnderTest, wish: object, token = on.member.token) {
  const server = { name: 's', flavorRef: 'small', imageRef: on.image, ...wish };
  return on.compute('POST', '/servers', { token, body: { server } });
}

async function countOf(on: CloudUnderTest): Promise<number> {
  const { body } = await on.compute('GET', '/servers?all_tenants=1', { token: on.admin });
  return body.servers.length;
}

describe('the count of servers that a request makes', () => {
  const HUGE = [
    { min_count: 1_000_000 },
    { min_count: '1000000' },
    { min_count: 100_000, max_count: 1_000_000 },
    { min_count: 2_147_483_647 },
    { min_count: 1_000_000, name: 'x'.repeat(255) },
  ];

  test('is refused by the quota before anything is made', async () => {
    for (const wish of HUGE) {
      const { status, text } = await create(cloud, wish);
      assert.equal(status, 403, text);
      assert.match(text, /Quota exceeded for cores, instances, ram/);
    }
  });

  test("is refused above the operator's bound where the quota is unlimited, for an administrator too", async () => {
    for (const token of [unlimited.member.token, unlimited.admin])
      for (const wish of HUGE) {
        const { status, text } = await create(unlimited, wish, token);
        assert.equal(status, 400, text);
        assert.match(text, /min_count.*at most 3 servers \(\[api\] max_servers_per_request\)/);
      }
  });

  test('is refused when it is no count', async () => {
    for (const wish of [
      { min_count: '1e6' },
      { max_count: 1e100 },
      { min_count: '9'.repeat(400) },
      { max_count: '99999999999999999999' },
      { min_count: -1 },
      { min_count: 0 },
      { min_count: 5, max_count: 4 },
      { min_count: 2, name: 'x'.repeat(254) },
    ])
      for (const on of [cloud, unlimited])
        assert.equal((await create(on, wish)).status, 400, JSON.stringify(wish));
  });

  test('is as large as the bound when only the most is larger', async () => {
    const before = await countOf(unlimited);
    const made = await create(unlimited, { max_count: 1_000_000, return_reservation_id: true });
    assert.equal(made.status, 202, made.text);
    assert.equal(await countOf(unlimited), before + 3);
    assert.equal(await countOf(cloud), 0);
  });
});

describe('the words of a query', () => {
  const words = (count: number, word: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => word(index)).join('&');
  const LISTS = [
    ...[
      ...[
        '/compute/v2.1/servers',
        '/compute/v2.1/servers/detail',
        '/compute/v2.1/flavors',
        '/compute/v2.1/limits',
      ],
      ...[
        '/compute/v2.1/os-server-groups',
        '/compute/v2.1/os-keypairs',
        '/compute/v2.1/os-simple-tenant-usage',
      ],
      ...['/compute/v2.1/os-hypervisors', '/compute/v2.1/os-migrations', '/compute/v2.1/os-services'],
      ...['/image/v2/images', '/identity/v3/users', '/identity/v3/projects', '/identity/v3/role_assignments'],
      ...['/nameplate/v1/serials'],
    ],
  ];
  const QUERIES = [
    words(900, (index) => `status=S${index}`),
    words(1100, (index) => `tag=t${index}`),
    words(1100, (index) => `p${index}=x`),
    words(550, (index) => `created_at=gt:${2020 + index}-01-01`),
    words(900, (index) => `sort_key=k${index}`),
    `name=in:${words(3000, () => 'a').replaceAll('&', ',')}`,
    `id=in:${words(300, () => '6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11').replaceAll('&', ',')}`,
    `tags=${words(3000, () => 't').replaceAll('&', ',')}`,
    `not-tags-any=${words(3000, () => 't').replaceAll('&', '%2C')}`,
  ];

  test('are bounded in every list of every service: one that has too many is 400, and none is 5xx', async () => {
    for (const path of LISTS)
      for (const query of QUERIES) {
        const asked = { path: `${path}?${query}`, token: cloud.admin, version: '2.60' };
        const { status, text } = await cloud.ask(asked);
        const exists = status !== 404;
        assert.equal(exists ? status : 400, 400, `${path}?${query.slice(0, 30)} ${text}`);
      }
    assert.deepEqual(cloud.errors, []);
  });

  test('may be as many as there are bounds for', async () => {
    for (const [path, query] of [
      ['/image/v2/images', words(250, (index) => `p${index}=x`)],
      ['/image/v2/images', words(250, (index) => `tag=t${index}`)],
      ['/image/v2/images', `name=in:${words(250, (index) => `n${index}`).replaceAll('&', ',')}`],
      ['/compute/v2.1/servers', words(250, () => 'status=ACTIVE')],
      [
        '/compute/v2.1/servers',
        ['tags', 'not-tags']
          .map((key) => `${key}=${words(50, (at) => `t${at}`).replaceAll('&', ',')}`)
          .join('&'),
      ],
      ['/identity/v3/users', words(250, () => 'name=a')],
    ] as const) {
      const answer = await cloud.ask({ path: `${path}?${query}`, token: cloud.admin, version: '2.60' });
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
    }
  });

  test('count once when they are said again and again, and narrow nothing twice', async () => {
    for (const [path, query] of [
      ['/image/v2/images', words(1000, () => 'tag=t')],
      ['/image/v2/images', words(600, () => 'updated_at=gt:2020-01-01')],
      [
        '/image/v2/images',
        `sort=${words(3000, () => 'id')
          .replaceAll('&', ',')
          .slice(0, 500)}`,
      ],
      ['/compute/v2.1/servers', words(1000, () => 'status=ACTIVE')],
      ['/compute/v2.1/servers', words(900, () => 'sort_key=uuid')],
      ['/identity/v3/projects', words(1000, () => 'name=a')],
    ] as const) {
      const answer = await cloud.ask({ path: `${path}?${query}`, token: cloud.admin });
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
    }
  });

  test('lead to no 5xx whatever they are', async () => {
    const key = fc.constantFrom('name', 'tag', 'tags', 'status', 'sort', 'sort_key', 'limit', 'marker', 'x');
    const value = fc.constantFrom(
      'a',
      'in:a,b',
      ',,,',
      'name:asc',
      '9'.repeat(300),
      '',
      '%25',
      '(('.repeat(50),
    );
    const query = fc.array(fc.tuple(key, value, fc.constantFrom(1, 3, 120)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LISTS), query, async (path, asked) => {
        const text = asked.map(([name, word, times]) => words(times, () => `${name}=${word}`)).join('&');
        const { status } = await cloud.ask({ path: `${path}?${text}`, token: cloud.admin, version: '2.60' });
        assert.ok(status < 500 || status === 501, `${status} ${path}?${text.slice(0, 200)}`);
      }),
      { numRuns: 100 },
    );
    assert.deepEqual(cloud.errors, []);
  });
});

describe('lists and texts of a body', () => {
  test('are bounded', async () => {
    const { admin, member } = cloud;
    const many = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
    const map = (count: number) => Object.fromEntries(many(count).map((key) => [key, 'x']));
    const patch = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
    const operation = { op: 'add', path: '/name', value: 'x' };
    for (const [status, asked] of [
      [400, { path: `/image/v2/images/${cloud.image}`, method: 'PATCH', headers: patch, body: Array(600).fill(operation) }],
      [413, { path: '/image/v2/images', method: 'POST', body: { tags: many(200) } }],
      [413, { path: '/image/v2/images', method: 'POST', body: map(200) }],
      [400, { path: '/compute/v2.1/os-keypairs', method: 'POST', body: { keypair: { name: 'k', public_key: 'A'.repeat(20_000) } } }],
      [400, { path: '/compute/v2.1/flavors/small/os-extra_specs', method: 'POST', body: { extra_specs: map(300) } }],
      [400, { path: '/compute/v2.1/servers', method: 'POST', version: '2.52', body: { server: { name: 's', flavorRef: 'small', imageRef: cloud.image, tags: many(51) } } }],
      [403, { path: '/compute/v2.1/servers', method: 'POST', body: { server: { name: 's', flavorRef: 'small', imageRef: cloud.image, metadata: map(129) } } }],
      [400, { path: '/identity/v3/auth/tokens', method: 'POST', body: { auth: { identity: { methods: many(9) } } } }],
    ] as const) {
      const token = asked.path.includes('flavors') ? admin : asked.path.includes('images') ? admin : member.token;
      const answer = await cloud.ask({ token, ...asked });
      assert.equal(answer.status, status, `${asked.path} ${answer.text.slice(0, 300)}`);
    } // biome-ignore format: one request a line
  });

  test('of a server are refused when they are long, or not stored', async () => {
    const TEXT_FIELDS = ['name', 'description', 'hostname', 'user_data', 'availability_zone', 'key_name', 'accessIPv4', 'accessIPv6', 'adminPass']; // biome-ignore format: one list
    const id = await cloud.server();
    const long = 'a'.repeat(900_000);
    const shown = async () => (await cloud.compute('GET', `/servers/${id}`, { version: '2.90' })).text.length;
    for (const text of [
      long,
      `fe80::1%${long}`,
      `::ffff:1.2.3.4%${long}`,
      `1.2.3.4%${long}`,
      '1'.repeat(900_000),
    ])
      for (const field of TEXT_FIELDS) {
        const refused = (what: string, { status }: { status: number }) =>
          assert.equal(status, 400, `${what} ${field} ${text.slice(0, 20)}`);
        const made = { [field]: text, min_count: 1000 };
        if (field !== 'adminPass') refused('create', await create(cloud, made));
        const path = `/servers/${id}`;
        const body = { server: { [field]: text } };
        refused('change', await cloud.compute('PUT', path, { body, version: '2.90' }));
        const rebuild = { imageRef: cloud.image, [field]: text };
        await cloud.compute('POST', `${path}/action`, { body: { rebuild }, version: '2.90' });
        await cloud.atRest(id);
        assert.ok((await shown()) < 4096, `${field} is stored`);
      }
  });

  /** Each of these took a quadratic expression seconds; the test runs out of time then. */
  test('cost no more than their length, whatever they repeat', { timeout: 20_000 }, async () => {
    const units = [' ', '\t', '1', '1.', ',', '>=1,', 'a-', '-', '=', 'A'];
    for (const unit of units) {
      const text = unit.repeat(65_000 / unit.length);
      for (const property of knownImageProperties) property.isValid(`${text}!`);
      for (const user_data of [`${text}!`.slice(-65_535), text.slice(0, 65_532)])
        assert.ok((await create(cloud, { user_data, min_count: 1000 })).status >= 400);
      const headers = { 'openstack-api-version': `compute ${text.trim().slice(0, 8000)}` };
      await cloud.compute('GET', '/servers', { headers });
    }
  });
});
