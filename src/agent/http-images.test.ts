import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { Failure, type FailureKind } from '../model/failure.ts';
import type { ImageId } from '../model/ids.ts';
import { createHttpImages } from './http-images.ts';

const id = '70a599e0-31e7-49b7-b260-868f441e862b' as ImageId;
const data = Buffer.alloc(300_000, 'image');

describe('image data over HTTP', () => {
  let server: Server;
  let origin = '';
  const answers: Record<string, (response: ServerResponse) => void> = {
    '/whole': (response) => response.end(data),
    '/gone': (response) => response.writeHead(404).end('none'),
    '/empty': (response) => response.writeHead(204).end(),
    '/broken': (response) => response.writeHead(503).end(),
    '/elsewhere': (response) => response.writeHead(302, { location: '/whole' }).end(),
    '/cut': (response) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 1000), () => response.destroy());
    },
    '/stalled': (response) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 1000));
    },
    '/silent': () => undefined,
  };
  const short = createHttpImages({ answerMs: 50, silenceMs: 50 });

  before(async () => {
    server = createServer((request, response) => answers[request.url?.split('?')[0] ?? '']?.(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const fails = async (kind: FailureKind, reading: Promise<unknown>) => {
    const thrown = await reading.then(
      () => assert.fail('it was read'),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof Failure, String(thrown));
    assert.equal(thrown.kind, kind, thrown.operatorText);
    return thrown;
  };
  const read = async (path: string, images = createHttpImages()) =>
    buffer(await images.open(id, `${origin}${path}`));

  it('comes as it is', async () => {
    assert.deepEqual(await read('/whole'), data);
  });

  it('that is gone is not found', async () => {
    await fails('not-found', read('/gone'));
    await fails('not-found', read('/empty'));
  });

  it('that cannot be reached, or not as it was said, is unavailable', async () => {
    await fails('unavailable', read('/broken'));
    await fails('unavailable', read('/elsewhere'));
    await fails('unavailable', createHttpImages().open(id));
    await fails('unavailable', createHttpImages().open(id, 'http://127.0.0.1:1/x'));
  });

  it('that breaks off, stalls or never comes is unavailable', async () => {
    await fails('unavailable', read('/cut'));
    await fails('unavailable', read('/stalled', short));
    await fails('unavailable', read('/silent', short));
  });

  it('leaves what stands for a password out of what it says', async () => {
    const failure = await fails('unavailable', read('/broken?token=secret'));
    assert.match(failure.operatorText, /\/broken: it answers 503$/);
  });
});
