import assert from 'node:assert/strict';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

/** Seconds, so that a half-sent request ends while a test waits for it. */
const TIMES = [
  ['wsgi', 'header_timeout', '1'],
  ['wsgi', 'body_timeout', '1'],
  ['wsgi', 'max_connections', '40'],
] as const;
let cloud: CloudUnderTest;
before(async () => {
  cloud = await startCloud(TIMES);
});
after(() => cloud.close());

const OCTETS = 'application/octet-stream';
const LONGEST_ANSWER = 6000;

function open(): Socket {
  const { hostname, port } = new URL(cloud.service.url);
  return connect({ host: hostname, port: Number(port) } satisfies Partial<AddressInfo> & { host: string });
}

/** Everything that comes back on a connection until the other side closes it. */
async function answerTo(sent: string): Promise<string> {
  const socket = open();
  socket.on('error', () => {});
  socket.write(sent);
  const answer = await text(socket).catch(() => ''); // a connection too many is reset
  socket.destroy();
  return answer;
}

describe('a body is read by the route that takes it', () => {
  test('octets are taken for image data alone: elsewhere 415, whoever sends them', async () => {
    const { token } = cloud.member;
    for (const [method, path] of [
      ['POST', '/image/v2/images/x/members'],
      ['POST', '/image/v2/images'],
      ['PUT', '/image/v2/images/x/members/y'],
      ['PATCH', `/image/v2/images/${cloud.image}`],
      ['PUT', `/image/v2/images/${cloud.image}/tags/t`],
      ['POST', '/compute/v2.1/servers'],
      ['POST', '/identity/v3/auth/tokens'],
      ['POST', '/identity/v3/users/x/password'],
    ] as const) {
      const headers = { 'content-type': OCTETS };
      const answer = await cloud.ask({ method, path, token, headers, body: 'x' });
      assert.equal(answer.status, 415, `${method} ${path} ${answer.text}`);
      assert.ok(answer.text.length < LONGEST_ANSWER);
    }
  });

  test('image data and patches are not taken as JSON', async () => {
    const { token } = cloud.member;
    for (const [method, path] of [
      ['PUT', `/image/v2/images/${cloud.image}/file`],
      ['PATCH', `/image/v2/images/${cloud.image}`],
    ] as const)
      assert.equal((await cloud.ask({ method, path, token, body: [] })).status, 415);
  });

  test('a path that does not exist takes no body', async () => {
    for (const path of ['/nowhere', '/compute/v2.1/nowhere', '/image/v2/nowhere', '/identity/v3/nowhere'])
      assert.equal(
        (await cloud.ask({ method: 'POST', path, token: cloud.member.token, body: '{' })).status,
        404,
        path,
      );
  });
});

describe('a body is bounded', () => {
  const tooMuch = (size: number) => JSON.stringify({ server: { name: 'x'.repeat(size) } });

  test('one that is larger than its route takes is 413', async () => {
    const { token } = cloud.member;
    for (const [path, size] of [
      ['/compute/v2.1/servers', 1_048_576],
      ['/identity/v3/auth/tokens', 32_768],
      ['/identity/v3/users/x/password', 1_048_576],
      ['/image/v2/images', 1_048_576],
    ] as const)
      assert.equal((await cloud.ask({ method: 'POST', path, token, body: tooMuch(size) })).status, 413, path);
  });

  test('one that is nested deeper than any that the APIs have is 400', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const body = `{"server":${open.repeat(10_000)}1${close.repeat(10_000)}}`;
      const { status, text: said } = await cloud.compute('POST', '/servers', { body });
      assert.equal(status, 400);
      assert.match(said, /nested deeper than 32/);
    }
  });
});

describe('a request that comes in halves', () => {
  const half = (path: string, more: string) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}\r\n{"auth":`;

  test('is ended when its time is over, on a route for everybody and on one for members', async () => {
    const answers = await Promise.all([
      answerTo(half('/identity/v3/auth/tokens', 'Content-Length: 30000\r\n')),
      answerTo(
        half('/identity/v3/auth/tokens', 'Transfer-Encoding: chunked\r\n').replace(
          '{"auth":',
          '3\r\n{"a\r\n',
        ),
      ),
      answerTo(
        half('/compute/v2.1/servers', `X-Auth-Token: ${cloud.member.token}\r\nContent-Length: 30000\r\n`),
      ),
    ]);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test('is answered before its body, and ended too, when it is refused anyway', async () => {
    const { token } = cloud.member;
    const answers = await Promise.all([
      answerTo(half('/compute/v2.1/servers', 'Content-Length: 30000\r\n')),
      answerTo(half('/image/v2/images/x/file', 'Content-Length: 300000000\r\n')),
      answerTo(half('/nowhere', 'Content-Length: 30000\r\n')),
      answerTo(
        half('/image/v2/images', `X-Auth-Token: ${token}\r\nContent-Length: 30000\r\n`).replace(
          'application/json',
          OCTETS,
        ),
      ),
    ]);
    assert.deepEqual(
      answers.map((answer) => answer.slice(9, 12)),
      ['401', '401', '404', '415'],
    );
  });

  test('gets no further than its headers either', async () => {
    assert.match(
      await answerTo('POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      /^HTTP\/1\.1 408 /,
    );
  });

  test('image data may take longer than a body as long as it comes', async () => {
    const fields = { name: 'slow', disk_format: 'raw', container_format: 'bare' };
    const { token } = cloud.member;
    const made = await cloud.ask({ method: 'POST', path: '/image/v2/images', token, body: fields });
    const socket = open();
    socket.write(
      `PUT /image/v2/images/${made.body.id}/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: ${token}\r\nContent-Type: ${OCTETS}\r\nContent-Length: 2\r\n\r\na`,
    );
    // Ends as late as a body may come: from then on nothing but the limit could end the upload.
    await answerTo(half('/identity/v3/auth/tokens', 'Content-Length: 30000\r\n'));
    await answerTo(half('/identity/v3/auth/tokens', 'Content-Length: 30000\r\n'));
    socket.write('b');
    assert.match(await text(socket), /^HTTP\/1\.1 204 /);
  });

  test('of connections there are so many: one more is closed at once, and the service answers after it', async () => {
    const said = await Promise.all(Array.from({ length: 60 }, () => answerTo('GET / HTTP/1.1\r\nX-Slow: ')));
    assert.ok(said.filter((answer) => answer === '').length >= 20);
    assert.ok(said.some((answer) => answer.startsWith('HTTP/1.1 408 ')));
    assert.equal((await cloud.compute('GET', '/servers')).status, 200);
  });
});

test('whatever is refused, the answer is short', async () => {
  const long = fc.constantFrom(10, 1000, 100_000).map((size) => 'é'.repeat(size / 2));
  const value = fc.oneof(
    long,
    fc.constantFrom(10, 1000, 20_000).map((size) => Array.from({ length: size }, () => null)),
    fc.constantFrom(2, 20, 31).map((depth) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
    long.map((key) => ({ [key]: 1 })),
    fc.constantFrom(1e308, -1e308, 0.1, 2 ** 53),
  );
  const request = fc.record({
    value,
    at: fc.constantFrom(
      ...[
        (of: unknown) => ['POST', '/compute/v2.1/servers', { server: of }],
        (of: unknown) => ['POST', '/compute/v2.1/servers', { server: { name: 'x', flavorRef: of } }],
        (of: unknown) => ['POST', '/compute/v2.1/servers', of],
        (of: unknown) => ['POST', '/compute/v2.1/os-keypairs', { keypair: { name: of, public_key: of } }],
        (of: unknown) => [
          'POST',
          '/compute/v2.1/os-server-groups',
          { server_group: { name: 'x', policies: of } },
        ],
        (of: unknown) => ['POST', '/compute/v2.1/servers/x/action', of],
        (of: unknown) => ['POST', '/identity/v3/auth/tokens', { auth: of }],
        (of: unknown) => ['POST', '/identity/v3/auth/tokens', { auth: { identity: { methods: [of] } } }],
        (of: unknown) => ['POST', '/image/v2/images', { name: of }],
        (of: unknown) => ['POST', '/image/v2/images', of],
        (of: unknown) => ['POST', '/image/v2/images/x/members', { member: of }],
      ].map((make) => make as (of: unknown) => [string, string, unknown]),
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ value, at }) => {
      const [method, path, body] = at(value);
      const answer: Answer = await cloud.ask({ method, path, token: cloud.member.token, body });
      if (answer.status < 400) return;
      assert.ok(answer.status < 500, `${answer.status} ${path}`);
      assert.ok(answer.text.length < LONGEST_ANSWER, `${path} ${answer.text.length}`);
    }),
    { numRuns: 150 },
  );
  assert.deepEqual(cloud.errors, []);
});
