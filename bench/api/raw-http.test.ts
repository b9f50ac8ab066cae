import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { answerIn } from './answer.ts';
import { RawConnection, requestBytes } from './raw-http.ts';

const counted = (body: string) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsch\r\n3;x=y\r\nön\r\n0\r\n\r\n';
const toTheEnd = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n\r\nschön';

describe('the end of an answer', () => {
  for (const [by, text] of [
    ['its length', counted('schön')],
    ['its chunks', inChunks],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ] as const)
    it(`is told by ${by}, wherever the bytes are cut`, () => {
      const bytes = Buffer.from(text);
      const options = { keepBody: true, ended: false };
      for (let cut = 0; cut < bytes.length; cut++)
        assert.equal(answerIn(bytes.subarray(0, cut), options), undefined, `cut at ${cut}`);
      const found = answerIn(Buffer.concat([bytes, Buffer.from('HTTP')]), options);
      assert.equal(found?.taken, bytes.length);
      assert.equal(found.answer.body, text.includes('204') ? '' : 'schön');
    });

  it('without either is the end of the connection', () => {
    const bytes = Buffer.from(toTheEnd);
    assert.equal(answerIn(bytes, { keepBody: true, ended: false }), undefined);
    assert.deepEqual(answerIn(bytes, { keepBody: true, ended: true })?.answer, {
      status: 202,
      bytes: bytes.length,
      body: 'schön',
    });
  });

  it('is not there when the connection ended before it', () => {
    for (const text of [counted('schön').slice(0, -1), inChunks.slice(0, -2)])
      assert.equal(answerIn(Buffer.from(text), { keepBody: true, ended: true }), undefined);
  });
});

describe('a connection', () => {
  let server: Server;
  let answer: (socket: Socket) => void;
  let url: URL;
  before(async () => {
    server = createServer((socket) => {
      socket.once('data', () => answer(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  after(() => {
    server.close();
  });
  const request = () => requestBytes({ method: 'GET', url, headers: {} });

  for (const [what, text] of [
    ['an answer with a length', counted('schön')],
    ['an answer with none', toTheEnd],
  ] as const)
    it(`that the server closes after ${what} is opened again for the next request`, async () => {
      answer = (socket) => socket.end(text);
      const connection = await RawConnection.open(url, true);
      for (let n = 0; n < 3; n++) assert.equal((await connection.ask(request())).body, 'schön');
      connection.close();
    });

  it('that the server closes in the middle of an answer is an error', async () => {
    answer = (socket) => socket.end(counted('schön').slice(0, -1));
    const connection = await RawConnection.open(url);
    await assert.rejects(connection.ask(request()), /the server closed the connection/);
  });
});
