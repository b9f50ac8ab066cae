import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type ApiUnderTest, startApi } from '../../../test/api/api-under-test.ts';

let api: ApiUnderTest;
before(async () => {
  api = await startApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
});
after(() => api.close());

const UNREADABLE: Readonly<Record<string, readonly [sent: string, status: number]>> = {
  'headers that are too long': [
    `GET /identity/v3 HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
  'a URL that is too long': [`GET /identity/v3?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  'a request line that is none': ['what is this\r\n\r\n', 400],
  'two lengths': [
    'POST /identity/v3 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
    400,
  ],
  'a control character in a header': [
    'GET /identity/v3 HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a\u0000b\r\n\r\n',
    400,
  ],
};

for (const [what, [sent, status]] of Object.entries(UNREADABLE))
  test(`${what}: the answer says that the connection closes, so that no client sends into it again`, async () => {
    const { port } = api.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let answer = '';
    socket.on('data', (text) => {
      answer += text;
    });
    socket.write(sent, 'latin1');
    await once(socket, 'close');
    const [head = '', body] = answer.split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /^Connection: close$/im);
    assert.equal(body, '', 'nobody knows whether it was a HEAD');
  });
