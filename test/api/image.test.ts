import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type ApiUnderTest, startApi } from './api-under-test.ts';

const PATCH = 'application/openstack-images-v2.1-json-patch';
const BYTES = 'application/octet-stream';
const NOBODY = '00000000-0000-4000-8000-000000000000';
let api: ApiUnderTest;
let admin: string;
let anna: { token: string; projectId: string };
let bert: { token: string; projectId: string };
let reader: { token: string };
before(async () => {
  api = await startApi();
  admin = await api.adminToken();
  anna = await api.projectWith('member', 'anna');
  bert = await api.projectWith('member', 'bert');
  reader = await api.projectWith('reader', 'reader');
});
after(() => api.close());

interface Shown {
  readonly id: string;
  readonly [key: string]: unknown;
}

function create(token: string, fields: object) {
  return api.ask(token, { method: 'POST', url: '/image/v2/images', payload: fields });
}

async function made(token: string, fields: object = {}): Promise<Shown> {
  const answer = await create(token, { disk_format: 'raw', container_format: 'bare', ...fields });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json();
}

function upload(token: string, id: string, data: string) {
  const headers = { 'content-type': BYTES };
  return api.ask(token, {
    method: 'PUT',
    url: `/image/v2/images/${id}/file`,
    payload: Buffer.from(data),
    headers,
  });
}

async function active(token: string, data: string, fields: object = {}): Promise<Shown> {
  const image = await made(token, fields);
  assert.equal((await upload(token, image.id, data)).statusCode, 204);
  return show(token, image.id);
}

const status = async (token: string, id: string) =>
  (await api.ask(token, { url: `/image/v2/images/${id}` })).statusCode;

async function show(token: string, id: string): Promise<Shown> {
  return (await api.ask(token, { url: `/image/v2/images/${id}` })).json();
}

function patch(token: string, id: string, operations: unknown, type = PATCH) {
  return api.ask(token, {
    method: 'PATCH',
    url: `/image/v2/images/${id}`,
    payload: JSON.stringify(operations),
    headers: { 'content-type': type },
  });
}

async function listed(token: string, query: string): Promise<string[]> {
  const answer = await api.ask(token, { url: `/image/v2/images?${query}` });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().images.map(({ name }: { name: string }) => name);
}

test('versions: the newest is CURRENT, all link to /v2/', async () => {
  for (const url of ['/image', '/image/']) {
    const answer = await api.ask(undefined, { url, headers: { host: 'cloud' } });
    assert.equal(answer.statusCode, 300);
    const { versions } = answer.json();
    assert.deepEqual([versions[0].id, versions[0].status], ['v2.15', 'CURRENT']);
    for (const { links } of versions) assert.equal(links[0].href, 'http://cloud/image/v2/');
  }
});

test('create answers the whole image, properties flat beside its own keys', async () => {
  const answer = await create(anna.token, {
    name: 'one',
    disk_format: 'qcow2',
    container_format: 'bare',
    foo: 'bar',
  });
  assert.equal(answer.statusCode, 201);
  const { id, created_at, updated_at, ...rest } = answer.json();
  assert.equal(answer.headers.location, `http://localhost:80/image/v2/images/${id}`);
  assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(updated_at, created_at);
  assert.deepEqual(rest, {
    foo: 'bar',
    name: 'one',
    disk_format: 'qcow2',
    container_format: 'bare',
    visibility: 'shared',
    size: null,
    virtual_size: null,
    status: 'queued',
    checksum: null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: anna.projectId,
    os_hidden: false,
    os_hash_algo: null,
    os_hash_value: null,
    tags: [],
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
  });
});

const badCreates: [object, number][] = [
  [{ name: 7 }, 400],
  [{ name: 'x'.repeat(256) }, 400],
  [{ name: 'nul\0' }, 400],
  [{ disk_format: 'floppy' }, 400],
  [{ container_format: 'box' }, 400],
  [{ visibility: 'secret' }, 400],
  [{ min_disk: -1 }, 400],
  [{ min_ram: 1.5 }, 400],
  [{ min_ram: 2 ** 31 }, 400],
  [{ protected: 'yes' }, 400],
  [{ tags: 'a' }, 400],
  [{ tags: ['x'.repeat(256)] }, 400],
  [{ id: 'one' }, 400],
  [{ id: '../../../../etc/passwd' }, 400],
  [{ foo: 1 }, 400],
  [{ foo: null }, 400],
  [{ foo: { bar: 'x' } }, 400],
  [{ ['k'.repeat(256)]: 'x' }, 400],
  [{ hw_unique_serial: 'maybe' }, 400],
  [{ kernel_id: 'vmlinuz' }, 400],
  [{ status: 'active' }, 403],
  [{ size: 1 }, 403],
  [{ os_hash_value: 'x' }, 403],
  [{ locations: [] }, 403],
  [{ deleted: true }, 403],
  [{ visibility: 'public' }, 403],
  [{ owner: 'somebody-else' }, 403],
  [Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`key${index}`, 'x'])), 413],
];
for (const [fields, expected] of badCreates)
  test(`create with ${JSON.stringify(fields).slice(0, 60)} is ${expected}, and nothing is stored`, async () => {
    const count = async () => (await api.store.images.list({}, { limit: 1000 })).length;
    const before = await count();
    const answer = await create(anna.token, { disk_format: 'raw', container_format: 'bare', ...fields });
    assert.equal(answer.statusCode, expected, answer.body);
    assert.match(String(answer.headers['content-type']), /^text\/(html|plain)/);
    assert.equal(await count(), before);
  });

test('a garbage hw_unique_serial is refused with the accepted words, at create and at patch', async () => {
  const words = '1, t, true, on, y, yes for true, 0, f, false, off, n, no for false';
  const refused = await create(anna.token, { hw_unique_serial: 'maybe' });
  assert.ok(refused.body.includes(words));
  const image = await made(anna.token, { hw_unique_serial: ' YES ' });
  const operations = [
    { op: 'add', path: '/name', value: 'changed' },
    { op: 'replace', path: '/hw_unique_serial', value: '2' },
  ];
  const answer = await patch(anna.token, image.id, operations);
  assert.equal(answer.statusCode, 400);
  assert.ok(answer.body.includes(words));
  const after = await show(anna.token, image.id);
  assert.deepEqual([after.name, after.hw_unique_serial], [null, ' YES ']);
});

test('an id may be chosen, once', async () => {
  const id = '6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11';
  assert.equal((await made(anna.token, { id: id.toUpperCase() })).id, id);
  const again = await create(bert.token, { id });
  assert.equal(again.statusCode, 409);
  assert.match(again.body, new RegExp(`Image ID ${id} already exists!`));
});

test('the id of a deleted image stays taken, for everybody and in any form', async () => {
  const { id } = await active(anna.token, 'data');
  assert.equal(
    (await api.ask(anna.token, { method: 'DELETE', url: `/image/v2/images/${id}` })).statusCode,
    204,
  );
  for (const token of [anna.token, bert.token, admin])
    for (const form of [id, id.toUpperCase()]) {
      const again = await create(token, { id: form });
      assert.equal(again.statusCode, 409, form);
      assert.match(again.body, new RegExp(`Image ID ${id} already exists!`));
    }
  assert.equal(await status(admin, id), 404);
});

test('data goes in and comes out, with both hashes', async () => {
  const image = await made(anna.token);
  assert.equal((await api.ask(anna.token, { url: `/image${image.file}` })).statusCode, 204);
  assert.equal((await upload(anna.token, image.id, 'hello')).statusCode, 204);
  const shown = await show(anna.token, image.id);
  assert.deepEqual(
    [shown.status, shown.size, shown.virtual_size, shown.checksum, shown.os_hash_algo],
    ['active', 5, 5, '5d41402abc4b2a76b9719d911017c592', 'sha512'],
  );
  assert.match(String(shown.os_hash_value), /^9b71d224bd62f3785d96d46ad3ea3d73[0-9a-f]{96}$/);
  const file = await api.ask(anna.token, { url: `/image${image.file}` });
  assert.deepEqual(
    [file.body, file.headers['content-length'], file.headers['content-type'], file.headers['content-md5']],
    ['hello', '5', BYTES, '5d41402abc4b2a76b9719d911017c592'],
  );
  const again = await upload(anna.token, image.id, 'other');
  assert.equal(again.statusCode, 409);
  assert.match(again.body, /Image status transition from active to saving is not allowed/);
});

const ranges: [string, number, string, string | undefined][] = [
  ['bytes=1-3', 206, 'ell', 'bytes 1-3/5'],
  ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
  ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
  ['bytes=0-99', 206, 'hello', 'bytes 0-4/5'],
  ['bytes=5-', 416, '416 Requested Range Not Satisfiable\n', 'bytes */5'],
  ['bytes=0-0,2-2', 200, 'hello', undefined],
  ['lines=1-2', 200, 'hello', undefined],
];
test('ranges of the data', async () => {
  const { id } = await active(anna.token, 'hello');
  for (const [range, expected, body, contentRange] of ranges) {
    const answer = await api.ask(anna.token, { url: `/image/v2/images/${id}/file`, headers: { range } });
    assert.deepEqual(
      [answer.statusCode, answer.body, answer.headers['content-range']],
      [expected, body, contentRange],
      range,
    );
    assert.equal(Number(answer.headers['content-length']), body.length);
  }
});

test('no body makes an active image of size 0', async () => {
  const image = await made(anna.token);
  const url = `/image${image.file}`;
  assert.equal((await api.ask(anna.token, { method: 'PUT', url })).statusCode, 204);
  const shown = await show(anna.token, image.id);
  assert.deepEqual([shown.status, shown.size], ['active', 0]);
  assert.equal((await api.ask(anna.token, { url })).body, '');
});

test('the size that a guest would see is read from a qcow2 header', async () => {
  const header = Buffer.alloc(104);
  header.write('QFI\xfb', 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(10n * 2n ** 30n, 24);
  const image = await made(anna.token, { disk_format: 'qcow2' });
  await api.ask(anna.token, {
    method: 'PUT',
    url: `/image${image.file}`,
    payload: header,
    headers: { 'content-type': BYTES },
  });
  assert.equal((await show(anna.token, image.id)).virtual_size, 10 * 2 ** 30);
  assert.equal((await active(anna.token, 'no qcow2', { disk_format: 'qcow2' })).virtual_size, null);
});

test('data needs formats, octets, and an image that is the own', async () => {
  const bare = await create(anna.token, { name: 'no formats' });
  const { id } = bare.json();
  assert.equal((await upload(anna.token, id, 'x')).statusCode, 400);
  const url = `/image/v2/images/${id}/file`;
  const json = await api.ask(anna.token, { method: 'PUT', url, payload: { a: 1 } });
  assert.equal(json.statusCode, 415);
  assert.equal((await upload(bert.token, id, 'x')).statusCode, 404);
  assert.equal((await upload(anna.token, NOBODY, 'x')).statusCode, 404);
  const community = await made(anna.token, { visibility: 'community' });
  assert.equal((await upload(bert.token, community.id, 'x')).statusCode, 403);
  assert.equal((await show(anna.token, id)).status, 'queued');
});

const patches: [string, unknown, number, string?][] = [
  ['adds a property', [{ op: 'add', path: '/new', value: 'x' }], 200],
  ['adds over a property', [{ op: 'add', path: '/foo', value: 'x' }], 200],
  ['replaces a property', [{ op: 'replace', path: '/foo', value: 'x' }], 200],
  ['removes a property', [{ op: 'remove', path: '/foo' }], 200],
  [
    'names and protects',
    [
      { op: 'add', path: '/name', value: 'n' },
      { op: 'replace', path: '/protected', value: false },
    ],
    200,
  ],
  ['replaces tags', [{ op: 'replace', path: '/tags', value: ['a', 'b', 'a'] }], 200],
  ['replaces what is not there', [{ op: 'replace', path: '/none', value: 'x' }], 409],
  ['removes what is not there', [{ op: 'remove', path: '/none' }], 409],
  ['removes the name', [{ op: 'remove', path: '/name' }], 403],
  ['writes the size', [{ op: 'replace', path: '/size', value: 1 }], 403, "Attribute 'size' is read-only."],
  ['writes the id', [{ op: 'replace', path: '/id', value: NOBODY }], 403],
  ['writes locations', [{ op: 'add', path: '/locations', value: [] }], 403],
  [
    'makes it public',
    [{ op: 'add', path: '/visibility', value: 'public' }],
    403,
    'You are not authorized to complete publicize_image action.',
  ],
  ['gives it away', [{ op: 'add', path: '/owner', value: 'bert' }], 403],
  ['has a number as property', [{ op: 'add', path: '/foo', value: 1 }], 400],
  ['has a word as min_disk', [{ op: 'add', path: '/min_disk', value: 'x' }], 400],
  ['goes below a key', [{ op: 'add', path: '/tags/-', value: 'x' }], 400],
  ['is no list', { op: 'add', path: '/foo', value: 'x' }, 400],
];
for (const [title, operations, expected, text] of patches)
  test(`a patch that ${title} is ${expected}; a refused one changes nothing`, async () => {
    const image = await made(anna.token, { foo: 'bar', name: 'before' });
    const answer = await patch(anna.token, image.id, operations);
    assert.equal(answer.statusCode, expected, answer.body);
    if (text !== undefined) assert.ok(answer.body.includes(text), answer.body);
    const after = await show(anna.token, image.id);
    if (expected === 200) assert.deepEqual(answer.json(), after);
    else assert.deepEqual(after, image);
  });

test('patches as other types are 415, and formats stay once there is data', async () => {
  const image = await active(anna.token, 'x');
  const operations = [{ op: 'replace', path: '/disk_format', value: 'qcow2' }];
  for (const type of ['application/json', 'text/plain', BYTES])
    assert.equal((await patch(anna.token, image.id, operations, type)).statusCode, 415, type);
  assert.equal((await patch(anna.token, image.id, operations)).statusCode, 403);
});

test('two patches at once both hold', async () => {
  const { id } = await made(anna.token);
  const add = (key: string) => patch(anna.token, id, [{ op: 'add', path: `/${key}`, value: key }]);
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(add));
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200],
  );
  const after = await show(anna.token, id);
  assert.deepEqual([after.a, after.b, after.c, after.d], ['a', 'b', 'c', 'd']);
});

test('who sees which image, and who may change it', async () => {
  const images = {
    private: await made(anna.token, { name: 'v-private', visibility: 'private' }),
    shared: await made(anna.token, { name: 'v-shared' }),
    community: await made(anna.token, { name: 'v-community', visibility: 'community' }),
    public: await made(admin, { name: 'v-public', visibility: 'public', owner: anna.projectId }),
  };
  for (const [visibility, { id }] of Object.entries(images)) {
    const seen = visibility === 'public' || visibility === 'community';
    assert.equal(await status(anna.token, id), 200);
    assert.equal(await status(admin, id), 200);
    assert.equal(await status(bert.token, id), seen ? 200 : 404, visibility);
    const change = [{ op: 'add', path: '/foo', value: 'x' }];
    assert.equal((await patch(bert.token, id, change)).statusCode, seen ? 403 : 404, visibility);
    const remove = { method: 'DELETE', url: `/image/v2/images/${id}` } as const;
    assert.equal((await api.ask(bert.token, remove)).statusCode, seen ? 403 : 404, visibility);
  }
  const names = async (token: string, query: string) =>
    (await listed(token, query)).filter((name) => name?.startsWith('v-')).sort();
  assert.deepEqual(await names(bert.token, 'limit=100'), ['v-public']);
  assert.deepEqual(await names(bert.token, 'limit=100&visibility=community'), ['v-community']);
  assert.deepEqual(await names(anna.token, 'limit=100'), [
    'v-community',
    'v-private',
    'v-public',
    'v-shared',
  ]);
  assert.deepEqual(await names(admin, 'limit=1000&visibility=private'), ['v-private']);
});

test('sharing: asked, seen, accepted, listed, ended', async () => {
  const { id } = await made(anna.token, { name: 's-shared' });
  const members = `/image/v2/images/${id}/members`;
  const share = { method: 'POST', url: members, payload: { member: bert.projectId } } as const;
  assert.equal((await api.ask(bert.token, share)).statusCode, 404);
  const member = await api.ask(anna.token, share);
  assert.equal(member.statusCode, 200);
  assert.deepEqual(
    [member.json().status, member.json().member_id, member.json().image_id, member.json().schema],
    ['pending', bert.projectId, id, '/v2/schemas/member'],
  );
  assert.equal((await api.ask(anna.token, share)).statusCode, 409);
  assert.equal(await status(bert.token, id), 200);
  assert.deepEqual(await listed(bert.token, 'name=s-shared'), []);
  assert.deepEqual(await listed(bert.token, 'name=s-shared&member_status=pending'), ['s-shared']);
  const own = `${members}/${bert.projectId}`;
  const accept = { method: 'PUT', url: own, payload: { status: 'accepted' } } as const;
  assert.equal((await api.ask(anna.token, accept)).statusCode, 403);
  assert.equal((await api.ask(bert.token, accept)).json().status, 'accepted');
  assert.deepEqual(await listed(bert.token, 'name=s-shared'), ['s-shared']);
  assert.equal((await api.ask(bert.token, { method: 'DELETE', url: own })).statusCode, 403);
  assert.equal((await api.ask(anna.token, { url: members })).json().members.length, 1);
  assert.equal((await api.ask(anna.token, { method: 'DELETE', url: own })).statusCode, 204);
  assert.equal((await api.ask(anna.token, { url: own })).statusCode, 404);
  assert.equal(await status(bert.token, id), 404);
  const secret = await made(anna.token, { visibility: 'private' });
  const url = `/image/v2/images/${secret.id}/members`;
  const refused = await api.ask(anna.token, { method: 'POST', url, payload: { member: bert.projectId } });
  assert.equal(refused.statusCode, 403);
});

test('a protected image stays until it is not; its data goes with it', async () => {
  const { id } = await active(anna.token, 'data', { protected: true });
  const remove = { method: 'DELETE', url: `/image/v2/images/${id}` } as const;
  assert.equal((await api.ask(anna.token, remove)).statusCode, 403);
  assert.ok(readdirSync(api.imageFolder).some((name) => name.startsWith(id)));
  await patch(anna.token, id, [{ op: 'replace', path: '/protected', value: false }]);
  assert.equal((await api.ask(anna.token, remove)).statusCode, 204);
  assert.equal(await status(anna.token, id), 404);
  assert.ok(!readdirSync(api.imageFolder).some((name) => name.startsWith(id)));
  assert.equal((await api.ask(anna.token, remove)).statusCode, 404);
});

test('tags come and go', async () => {
  const { id } = await made(anna.token, { tags: ['a', 'a'] });
  const tag = (method: 'PUT' | 'DELETE', name: string) =>
    api.ask(anna.token, { method, url: `/image/v2/images/${id}/tags/${encodeURIComponent(name)}` });
  assert.equal((await tag('PUT', 'ü/ß')).statusCode, 204);
  assert.equal((await tag('PUT', 'a')).statusCode, 204);
  assert.deepEqual((await show(anna.token, id)).tags, ['a', 'ü/ß']);
  assert.equal((await tag('DELETE', 'a')).statusCode, 204);
  assert.equal((await tag('DELETE', 'a')).statusCode, 404);
  assert.equal((await tag('PUT', 'x'.repeat(256))).statusCode, 400);
});

test('a deactivated image is downloaded by administrators only', async () => {
  const { id } = await active(anna.token, 'data');
  const act = (action: string) =>
    api.ask(anna.token, { method: 'POST', url: `/image/v2/images/${id}/actions/${action}` });
  const file = { url: `/image/v2/images/${id}/file` };
  assert.equal((await act('deactivate')).statusCode, 204);
  assert.equal((await show(anna.token, id)).status, 'deactivated');
  assert.equal((await api.ask(anna.token, file)).statusCode, 403);
  assert.equal((await api.ask(admin, file)).body, 'data');
  assert.equal((await act('reactivate')).statusCode, 204);
  assert.equal((await api.ask(anna.token, file)).statusCode, 200);
  const queued = await made(anna.token);
  const url = `/image/v2/images/${queued.id}/actions/deactivate`;
  assert.equal((await api.ask(anna.token, { method: 'POST', url })).statusCode, 403);
});

test('lists are narrowed by own keys, tags and properties', async () => {
  await made(anna.token, { name: 'f-1', tags: ['f', 'g'], disk_format: 'iso', hw_unique_serial: 'true' });
  await made(anna.token, { name: 'f-2', tags: ['f'], os_hidden: true });
  await active(anna.token, '12345', { name: 'f-3', tags: ['f'], protected: true });
  const table: [string, string[]][] = [
    ['tag=f', ['f-3', 'f-1']],
    ['tag=f&tag=g', ['f-1']],
    ['tag=f&os_hidden=true', ['f-2']],
    ['tag=f&status=active', ['f-3']],
    ['tag=f&status=in:active,queued', ['f-3', 'f-1']],
    ['name=in:f-1,f-3,f-9', ['f-3', 'f-1']],
    ['tag=f&disk_format=iso', ['f-1']],
    ['hw_unique_serial=true&tag=f', ['f-1']],
    ['tag=f&size_min=5&size_max=5', ['f-3']],
    ['tag=f&size_min=6', []],
    ['tag=f&protected=true', ['f-3']],
    ['tag=f&created_at=gt:2001-01-01T00:00:00Z', ['f-3', 'f-1']],
    ['tag=f&created_at=lt:2001-01-01T00:00:00Z', []],
    ['tag=f&size=5', ['f-3']],
    ['tag=f&min_ram=0&checksum=827ccb0eea8a706c4c34a16891f84e7b', ['f-3']],
    ['tag=f&min_disk=1', []],
    ["tag=f&name=' OR 1=1 --", []],
  ];
  for (const [query, expected] of table)
    assert.deepEqual(await listed(anna.token, `${query}&sort=name:desc`), expected, query);
});

test('an image is found by the times that it shows', async () => {
  const { created_at: at } = await made(bert.token, { name: 'timed' });
  const count = async (bound: string) =>
    (await listed(bert.token, `name=timed&created_at=${bound}${at}`)).length;
  const found = await Promise.all(['', 'eq:', 'gte:', 'lte:', 'gt:', 'lt:'].map(count));
  assert.deepEqual(found, [1, 1, 1, 1, 0, 0]);
});

test('pages lead through the whole list, each image once', async () => {
  for (let index = 0; index < 5; index++) await made(bert.token, { name: `page-${index}`, tags: ['page'] });
  const seen: string[] = [];
  let next: string | undefined = '/v2/images?limit=2&tag=page&sort=name:asc';
  while (next !== undefined) {
    const answer = await api.ask(bert.token, { url: `/image${next}` });
    const page: { images: Shown[]; first: string; next?: string; schema: string } = answer.json();
    assert.equal(page.first, '/v2/images?limit=2&tag=page&sort=name%3Aasc');
    assert.equal(page.schema, '/v2/schemas/images');
    seen.push(...page.images.map(({ name }) => String(name)));
    next = page.next;
  }
  assert.deepEqual(seen, ['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
  const lost = await api.ask(bert.token, { url: `/image/v2/images?marker=${NOBODY}` });
  assert.equal(lost.statusCode, 400);
});

test('a filter on a key without index fills its page too', async () => {
  for (let index = 0; index < 4; index++)
    await made(bert.token, { name: `exact-${index}`, tags: ['exact'], min_ram: index % 2 });
  assert.deepEqual(await listed(bert.token, 'tag=exact&min_ram=1&limit=1&sort=name:asc'), ['exact-1']);
  const { next } = (
    await api.ask(bert.token, { url: '/image/v2/images?tag=exact&min_ram=1&limit=1&sort=name:asc' })
  ).json();
  const second = await api.ask(bert.token, { url: `/image${next}` });
  assert.deepEqual(
    second.json().images.map(({ name }: Shown) => name),
    ['exact-3'],
  );
});

test('no id at all is an id that there is not', async () => {
  assert.equal((await api.ask(anna.token, { url: '/image/v2/images/' })).statusCode, 404);
  assert.equal((await api.ask(anna.token, { url: '/image/v2/images/?limit=1' })).statusCode, 404);
  assert.equal((await api.ask(anna.token, { method: 'DELETE', url: '/image/v2/images/' })).statusCode, 404);
});

test('a name instead of an id, a path instead of a name: 404', async () => {
  for (const name of ['cirros', '..%2F..%2Fstore.sqlite', `${NOBODY}.partial`, NOBODY, '%00'])
    for (const suffix of ['', '/file', '/members'])
      assert.equal(
        (await api.ask(admin, { url: `/image/v2/images/${name}${suffix}` })).statusCode,
        404,
        name,
      );
});

test('a reader reads, and no more', async () => {
  const { id } = await made(admin, { visibility: 'public' });
  assert.equal(await status(reader.token, id), 200);
  assert.equal((await create(reader.token, {})).statusCode, 403);
  assert.equal((await patch(reader.token, id, [])).statusCode, 403);
});

test('schemas name every key that an image shows', async () => {
  const { properties } = (await api.ask(anna.token, { url: '/image/v2/schemas/image' })).json();
  const image = await made(anna.token);
  assert.deepEqual(
    Object.keys(image).filter((key) => !(key in properties)),
    [],
  );
  for (const name of ['images', 'member', 'members'])
    assert.equal((await api.ask(anna.token, { url: `/image/v2/schemas/${name}` })).json().name, name);
});

test('no token, no image', async () => {
  assert.equal((await api.ask(undefined, { url: '/image/v2/images' })).statusCode, 401);
  assert.equal((await api.ask('x'.repeat(43), { url: '/image/v2/images' })).statusCode, 401);
});
