import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

/** A body's text goes where `TEXT` stands in it. */
interface Taker {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly type?: string;
}

const PATCH = 'application/openstack-images-v2.1-json-patch';
const TAKERS: readonly Taker[] = [
  { what: 'a keypair', method: 'POST', path: '/compute/v2.1/os-keypairs', body: '{"keypair":{"name":"TEXT"}}' },
  { what: 'metadata', method: 'POST', path: '/compute/v2.1/servers/SERVER/metadata', body: '{"metadata":{"k":"TEXT"}}' },
  { what: 'a metadata key', method: 'POST', path: '/compute/v2/servers/SERVER/metadata', body: '{"metadata":{"TEXT":"v"}}' },
  { what: 'an action', method: 'POST', path: '/compute/v2.1/servers/SERVER/action', body: '{"TEXT":null}' },
  { what: 'an aggregate', method: 'POST', path: '/compute/v2.1/os-aggregates', body: '{"aggregate":{"name":"TEXT"}}' },
  { what: 'an extra spec', method: 'POST', path: '/compute/v2.1/flavors/small/os-extra_specs', body: '{"extra_specs":{"k":"TEXT"}}' },
  { what: 'an image', method: 'POST', path: '/image/v2/images', body: '{"name":"TEXT"}' },
  { what: 'an image property', method: 'POST', path: '/image/v2/images', body: '{"TEXT":"v"}' },
  { what: 'an image patch', method: 'PATCH', path: '/image/v2/images/IMAGE', type: PATCH, body: '[{"op":"add","path":"/k","value":"TEXT"}]' },
  { what: 'a member', method: 'POST', path: '/image/v2/images/IMAGE/members', body: '{"member":"TEXT"}' },
  { what: 'a project', method: 'POST', path: '/identity/v3/projects', body: '{"project":{"name":"TEXT"}}' },
  { what: 'a user', method: 'POST', path: '/identity/v3/users', body: '{"user":{"name":"u","zzz":{"deep":["TEXT"]}}}' },
  { what: 'a password', method: 'POST', path: '/v3/users', body: '{"user":{"name":"u","password":"TEXT"}}' },
  { what: 'a login', method: 'POST', path: '/v3/auth/tokens', body: '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"TEXT","domain":{"id":"default"},"password":"x"}}}}}' },
]; // biome-ignore format: one line each

const TEXTS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a byte of Latin-1', Buffer.from('caf\u00e9', 'latin1')],
  ['a slash in two bytes', Buffer.from([0xc0, 0xaf])],
  ['half of a surrogate pair, as bytes', Buffer.from([0xed, 0xa0, 0x80])],
  ['a character that is cut off', Buffer.from([0xf0, 0x9f, 0x98])],
  ['half of a surrogate pair, escaped', Buffer.from('\\ud800')],
  ['the other half', Buffer.from('x\\udfffx')],
  ['two halves in the wrong order', Buffer.from('\\udc00\\ud800')],
  ['U+0000, escaped', Buffer.from('a\\u0000b')],
  ['U+0000 itself', Buffer.from('a\0b')],
];

let cloud: CloudUnderTest;
let server: string;
before(async () => {
  cloud = await startCloud();
  server = await cloud.server();
});
after(() => cloud.close());

function send(taker: Taker, text: Buffer) {
  const [start = '', end = ''] = taker.body.split('TEXT');
  return sendBytes(taker, Buffer.concat([Buffer.from(start), text, Buffer.from(end)]));
}

async function sendBytes(
  { method, path, type = 'application/json' }: Omit<Taker, 'what' | 'body'>,
  body: Buffer,
) {
  const url = cloud.service.url + path.replace('SERVER', server).replace('IMAGE', cloud.image);
  const headers = { 'x-auth-token': cloud.admin, 'content-type': type };
  const answer = await fetch(url, { method, headers, body: new Uint8Array(body) });
  return { status: answer.status, text: await answer.text() };
}

describe('text that no store keeps is refused as a malformed body', () => {
  for (const taker of TAKERS)
    test(`in ${taker.what}`, async () => {
      for (const [what, bytes] of TEXTS) {
        const { status, text } = await send(taker, bytes);
        assert.equal(status, 400, `${what}: ${text}`);
        assert.match(text, /Malformed request body/, what);
      }
    });
});

test('a name of any well-formed text is kept as it was sent, however its characters are escaped', async () => {
  const escaped = (text: string) =>
    text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.boolean(),
      async (name, isEscaped) => {
        const json = JSON.stringify({ name });
        const body = Buffer.from(isEscaped ? escaped(json) : json);
        const made = await sendBytes({ method: 'POST', path: '/image/v2/images' }, body);
        assert.equal(made.status, 201, made.text);
        assert.equal(JSON.parse(made.text).name, name);
      },
    ),
    { numRuns: 30 },
  );
});

test('any bytes at all are answered, and never by a fault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      for (const path of ['/compute/v2.1/os-keypairs', '/image/v2/images', '/identity/v3/projects']) {
        const { status } = await sendBytes({ method: 'POST', path }, Buffer.from(bytes));
        assert.equal(status, 400);
      }
    }),
    { numRuns: 50 },
  );
});

describe('JSON of which parsers make different things', () => {
  const keypair = (body: string) => cloud.compute('POST', '/os-keypairs', { body });

  test('is refused with a byte order mark, as by Nova', async () => {
    assert.equal((await keypair('\uFEFF{"keypair":{"name":"bom"}}')).status, 400);
  });

  test('has its last value where a key stands twice, as by Nova', async () => {
    const { status, body } = await keypair('{"keypair":{"name":"first","name":"last"}}');
    assert.deepEqual([status, body.keypair.name], [200, 'last']);
  });

  test('is refused where it has numbers that JSON has not, or that are too large for one', async () => {
    for (const ram of ['NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '0x10', '.5']) {
      const body = `{"flavor":{"name":"f","ram":${ram},"vcpus":1,"disk":1}}`;
      assert.equal((await cloud.compute('POST', '/flavors', { token: cloud.admin, body })).status, 400, ram);
      const specs = `{"extra_specs":{"k":${ram}}}`;
      const set = await cloud.compute('POST', '/flavors/small/os-extra_specs', {
        token: cloud.admin,
        body: specs,
      });
      assert.equal(set.status, 400, ram);
    }
  });

  test('cannot reach the prototype of an object', async () => {
    const path = `/servers/${server}/metadata`;
    for (const body of [
      '{"metadata":{"__proto__":"x"}}',
      '{"metadata":{"\\u005f_proto__":"x"}}',
      '{"__proto__":{"metadata":{}}}',
      '{"metadata":{"constructor":{"prototype":{"x":"y"}}}}',
    ])
      assert.equal((await cloud.compute('POST', path, { body })).status, 400, body);
    const named = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', prototype: 'd' };
    const { body } = await cloud.compute('POST', path, { body: { metadata: named } });
    for (const [key, value] of Object.entries(named)) assert.equal(body.metadata[key], value);
    assert.equal((await cloud.compute('GET', `${path}/__proto__`)).status, 404);
    assert.equal((await cloud.compute('GET', `${path}/valueOf`)).status, 404);
    const image = { path: `/image/v2/images/${cloud.image}`, token: cloud.admin };
    for (const pointer of ['/__proto__', '/constructor/prototype']) {
      const headers = { 'content-type': PATCH };
      const body = [{ op: 'add', path: pointer, value: 'x' }];
      const patched = await cloud.ask({ ...image, method: 'PATCH', headers, body });
      assert.equal(patched.status, 400, pointer);
    }
    assert.doesNotMatch((await cloud.ask(image)).text, /__proto__/);
    for (const query of ['__proto__=a&__proto__=b', 'constructor=a', '__proto__[x]=y'])
      assert.equal((await cloud.compute('GET', `/servers?${query}`)).status, 200, query);
  });
});
