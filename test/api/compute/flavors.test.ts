import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

type Flavor = Record<string, unknown> & { id: string; name: string };
const SMALL = { name: 'small', id: '42', ram: 512, vcpus: 1, disk: 1 };
const BASE_KEYS = [
  'OS-FLV-DISABLED:disabled',
  'OS-FLV-EXT-DATA:ephemeral',
  'disk',
  'id',
  'links',
  'name',
  'os-flavor-access:is_public',
  'ram',
  'rxtx_factor',
  'swap',
  'vcpus',
];

describe('flavors', () => {
  let compute: ComputeUnderTest;
  before(async () => {
    compute = await startCompute();
    await compute.get({ method: 'POST', path: '/flavors', body: { flavor: SMALL } });
  });
  after(() => compute.close());

  const steps = [
    { version: 1, keys: BASE_KEYS, swap: '', brief: ['id', 'links', 'name'] },
    { version: 54, keys: BASE_KEYS, swap: '', brief: ['id', 'links', 'name'] },
    {
      version: 55,
      keys: [...BASE_KEYS, 'description'],
      swap: '',
      brief: ['description', 'id', 'links', 'name'],
    },
    { version: 61, keys: [...BASE_KEYS, 'description', 'extra_specs'], swap: '' },
    { version: 75, keys: [...BASE_KEYS, 'description', 'extra_specs'], swap: 0 },
    { version: 93, keys: [...BASE_KEYS, 'description', 'extra_specs'], swap: 0 },
  ];
  for (const { version, keys, swap, brief } of steps)
    test(`the shape at 2.${version}`, async () => {
      const shown = await compute.get<{ flavor: Flavor }>({ path: '/flavors/42', version });
      const listed = await compute.get<{ flavors: Flavor[] }>({ path: '/flavors/detail', version });
      for (const flavor of [shown.flavor, listed.flavors[0]!]) {
        assert.deepEqual(keysOf(flavor), keys.toSorted());
        assert.equal(flavor.swap, swap);
      }
      const { flavors } = await compute.get<{ flavors: Flavor[] }>({ path: '/flavors', version });
      if (brief) assert.deepEqual(keysOf(flavors[0]), brief);
    });

  test('links: self with the version, bookmark without', async () => {
    const { flavor } = await compute.get<{ flavor: { links: { rel: string; href: string }[] } }>({
      path: '/flavors/42',
    });
    assert.deepEqual(
      flavor.links.map(({ rel, href }) => [rel, new URL(href).pathname]),
      [
        ['self', '/compute/v2.1/flavors/42'],
        ['bookmark', '/compute/flavors/42'],
      ],
    );
  });

  test('pages, each with a link to the next while it is full', async () => {
    for (const name of ['pa', 'pb'])
      await compute.get({ method: 'POST', path: '/flavors', body: { flavor: { ...SMALL, id: name, name } } });
    const names: string[] = [];
    let path: string | undefined = '/flavors?limit=2&sort_key=name&sort_dir=desc';
    while (path !== undefined) {
      const page: { flavors: Flavor[]; flavors_links?: { href: string }[] } = await compute.get({ path });
      names.push(...page.flavors.map(({ name }) => name));
      path = page.flavors_links?.[0]?.href.replace(/^.*\/compute\/v2\.1/, '');
    }
    assert.deepEqual(names, ['small', 'pb', 'pa']);
  });

  test('a name or an id is given once', async () => {
    for (const [flavor, message] of [
      [{ ...SMALL, name: 'other' }, 'Flavor with ID 42 already exists.'],
      [{ ...SMALL, id: '43' }, 'Flavor with name small already exists.'],
    ] as const) {
      const answer = await compute.ask({ method: 'POST', path: '/flavors', body: { flavor } });
      assert.equal(answer.statusCode, 409);
      assert.deepEqual(answer.json(), { conflictingRequest: { code: 409, message } });
    }
  });

  test('without an id it is a UUID; a number becomes text; zeros stay out', async () => {
    const { flavor } = await compute.get<{ flavor: Flavor }>({
      method: 'POST',
      path: '/flavors',
      body: {
        flavor: { ...SMALL, id: null, name: 'nameless', ram: '64', 'os-flavor-access:is_public': 'No' },
      },
    });
    assert.match(flavor.id, /^[0-9a-f-]{36}$/);
    assert.equal(flavor.ram, 64);
    assert.equal(flavor['os-flavor-access:is_public'], false);
    await compute.get({ method: 'DELETE', path: `/flavors/${flavor.id}` }, 202).catch(() => undefined);
  });

  const refused: [string, object][] = [
    ['no name', { name: undefined }],
    ['an empty name', { name: '' }],
    ['a name with a space before', { name: ' a' }],
    ['a name with a line break', { name: 'a\nb' }],
    ['a long name', { name: 'a'.repeat(256) }],
    ['an id with a slash', { id: 'a/b' }],
    ['an id with a space before', { id: ' a' }],
    ['no memory', { ram: 0 }],
    ['no memory in words', { ram: '0' }],
    ['a negative disk', { disk: -1 }],
    ['half a processor', { vcpus: 1.5 }],
    ['more memory than an integer holds', { ram: 0x80000000 }],
    ['more memory than an integer holds, in words', { ram: '2147483648' }],
    ['a factor of nothing', { rxtx_factor: '0.0' }],
    ['a boolean that is none', { 'os-flavor-access:is_public': 'maybe' }],
    ['an unknown key', { zzz: 1 }],
    ['a description before 2.55', { description: 'x' }],
  ];
  for (const [what, fields] of refused)
    test(`refuses ${what}`, async () => {
      const body = { flavor: { ...SMALL, id: 'bad', name: 'bad', ...fields } };
      const answer = await compute.ask({ method: 'POST', path: '/flavors', body });
      assert.equal(answer.statusCode, 400, answer.body);
      assert.equal(answer.json().badRequest.code, 400);
      await compute.get({ path: '/flavors/bad' }, 404);
    });

  for (const query of [
    'limit=x',
    'limit=-1',
    'is_public=maybe',
    'minRam=x',
    'minDisk=x',
    'sort_key=zz',
    'marker=no',
  ])
    test(`refuses a list with ${query}`, () => compute.get({ path: `/flavors?${query}` }, 400));

  test('an unknown query word is dropped below 2.75 and refused from there', async () => {
    await compute.get({ path: '/flavors?zz=1', version: 74 });
    const answer = await compute.get<{ badRequest: { message: string } }>(
      { path: '/flavors?zz=1', version: 75 },
      400,
    );
    assert.match(answer.badRequest.message, /'zz' does not match any of the regexes: '\^_'/);
    await compute.get({ path: '/flavors?_proxy=1', version: 75 });
  });

  test('smaller flavors are left out', async () => {
    const body = { flavor: { name: 'large', id: 'large', ram: 9000, vcpus: 8, disk: 90 } };
    await compute.get({ method: 'POST', path: '/flavors', body });
    for (const query of ['minRam=9000', 'minDisk=90']) {
      const { flavors } = await compute.get<{ flavors: Flavor[] }>({ path: `/flavors?${query}` });
      assert.deepEqual(
        flavors.map(({ id }) => id),
        ['large'],
      );
    }
  });

  test('a description is changed from 2.55', async () => {
    const change = { method: 'PUT', path: '/flavors/42', body: { flavor: { description: 'new' } } } as const;
    await compute.get({ ...change, version: 54 }, 404);
    const { flavor } = await compute.get<{ flavor: Flavor }>({ ...change, version: 55 });
    assert.equal(flavor.description, 'new');
    await compute.get({ ...change, body: { flavor: { name: 'x' } }, version: 55 }, 400);
  });

  test('only administrators write', async () => {
    const { token } = compute.member;
    for (const request of [
      { method: 'POST', path: '/flavors', body: { flavor: SMALL }, rule: 'os-flavor-manage:create' },
      { method: 'DELETE', path: '/flavors/42', rule: 'os-flavor-manage:delete' },
      {
        method: 'POST',
        path: '/flavors/42/os-extra_specs',
        body: { extra_specs: {} },
        rule: 'os-flavor-extra-specs:create',
      },
      { path: '/flavors/42/os-flavor-access', rule: 'os-flavor-access' },
      {
        method: 'POST',
        path: '/flavors/42/action',
        body: { addTenantAccess: { tenant: 'x' } },
        rule: 'os-flavor-access:add_tenant_access',
      },
    ] as const) {
      const answer = await compute.get<{ forbidden: { message: string } }>({ ...request, token }, 403);
      const message = `Policy doesn't allow os_compute_api:${request.rule} to be performed.`;
      assert.equal(answer.forbidden.message, message);
    }
  });

  test('deleting: 202, then 404', async () => {
    await compute.get({
      method: 'POST',
      path: '/flavors',
      body: { flavor: { ...SMALL, id: 'gone', name: 'gone' } },
    });
    assert.equal((await compute.ask({ method: 'DELETE', path: '/flavors/gone' })).statusCode, 202);
    const answer = await compute.get({ method: 'DELETE', path: '/flavors/gone' }, 404);
    assert.deepEqual(answer, { itemNotFound: { code: 404, message: 'Flavor gone could not be found.' } });
  });
});

describe('access to private flavors', () => {
  let compute: ComputeUnderTest;
  const act = (action: string, tenant: string, version = 1) =>
    compute.ask({ method: 'POST', path: '/flavors/priv/action', body: { [action]: { tenant } }, version });
  before(async () => {
    compute = await startCompute();
    const body = { flavor: { ...SMALL, id: 'priv', name: 'priv', 'os-flavor-access:is_public': false } };
    await compute.get({ method: 'POST', path: '/flavors', body });
  });
  after(() => compute.close());

  test('a project sees it once it has access, and no longer without', async () => {
    const { token, projectId } = compute.member;
    const ids = async (query = '') =>
      (await compute.get<{ flavors: Flavor[] }>({ path: `/flavors${query}`, token })).flavors.map(
        ({ id }) => id,
      );
    assert.deepEqual(await ids(), []);
    await compute.get({ path: '/flavors/priv', token }, 404);
    assert.deepEqual((await act('addTenantAccess', projectId)).json(), {
      flavor_access: [{ flavor_id: 'priv', tenant_id: projectId }],
    });
    assert.deepEqual(await ids(), ['priv']);
    assert.deepEqual(await ids('?is_public=None'), ['priv']);
    await compute.get({ path: '/flavors/priv', token });
    const again = await act('addTenantAccess', projectId);
    assert.equal(again.statusCode, 409);
    assert.equal(
      again.json().conflictingRequest.message,
      `Flavor access already exists for flavor priv and project ${projectId} combination.`,
    );
    assert.deepEqual((await act('removeTenantAccess', projectId)).json(), { flavor_access: [] });
    assert.equal((await act('removeTenantAccess', projectId)).statusCode, 404);
    assert.deepEqual(await ids(), []);
  });

  test('administrators see public ones, private ones, or all', async () => {
    const ids = async (query: string) =>
      (await compute.get<{ flavors: Flavor[] }>({ path: `/flavors${query}` })).flavors.map(({ id }) => id);
    assert.deepEqual(await ids(''), []);
    assert.deepEqual(await ids('?is_public=None'), ['priv']);
    assert.deepEqual(await ids('?is_public=false'), ['priv']);
    assert.deepEqual(await ids('?is_public=true'), []);
  });

  test('no such project, no such action, a public flavor', async () => {
    const nobody = await act('addTenantAccess', 'nobody');
    assert.equal(nobody.statusCode, 400);
    assert.equal(nobody.json().badRequest.message, 'Project ID nobody is not a valid project.');
    assert.equal((await act('frob', 'x')).json().badRequest.message, 'There is no such action: frob');
    await compute.get({ method: 'POST', path: '/flavors', body: { flavor: SMALL } });
    const open = { method: 'POST', path: '/flavors/42/action' } as const;
    const body = { addTenantAccess: { tenant: compute.member.projectId } };
    await compute.get({ ...open, body, version: 7 }, 409);
    await compute.get({ ...open, body, version: 6 });
    const answer = await compute.get({ path: '/flavors/42/os-flavor-access' }, 404);
    assert.deepEqual(answer, {
      itemNotFound: { code: 404, message: 'Access list not available for public flavors.' },
    });
  });
});
