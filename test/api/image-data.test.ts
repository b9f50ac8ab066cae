import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createHttpImages } from '../../src/agent/http-images.ts';
import type { ImageData } from '../../src/image-data/image-data.ts';
import { ImageFiles, openImageFiles } from '../../src/image-data/image-files.ts';
import { Failure } from '../../src/model/failure.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { type Image, imageDataName } from '../../src/model/image.ts';
import { createImageLinks } from '../../src/operations/engine/image-links.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { type ApiUnderTest, startApi } from './api-under-test.ts';

const MAX_SIZE = 4 * 1024 * 1024;
const ID = '6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11' as ImageId;
let api: ApiUnderTest;
let port: number;
const links = createImageLinks({ secret: 'secret', base: () => `http://127.0.0.1:${port}`, now: Date.now });
let token: string;
/** Called with every upload's end, good or bad, after its file is gone or in place. */
let ended: () => void = () => {};
before(async () => {
  api = await startApi({
    imageMaxSize: MAX_SIZE,
    wrapImageData: tellingEnds,
    wrapStore: losingAnswers,
    imageLinks: links,
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = (api.app.server.address() as AddressInfo).port;
  token = await api.adminToken();
});
after(() => api.close());

/** What the store answers to the next change that makes an image active is lost; the change itself is not. */
let losesNextCommit = false;
function losingAnswers(store: Store): Store {
  const transaction: Store['transaction'] = async (work) => {
    const result = await store.transaction(work);
    if (!losesNextCommit || (result as Partial<Image> | undefined)?.status !== 'active') return result;
    losesNextCommit = false;
    throw new Failure('outcome-unknown', 'The database did not answer.');
  };
  return Object.create(store, { transaction: { value: transaction } });
}

/** The real data, and word of when an upload has ended. */
function tellingEnds(data: ImageData): ImageData {
  return {
    write: (...of) => data.write(...of).finally(() => setImmediate(() => ended())),
    read: (...of) => data.read(...of),
    delete: (id) => data.delete(id),
  };
}

async function queued(): Promise<ImageId> {
  const payload = { disk_format: 'raw', container_format: 'bare' };
  return (await api.ask(token, { method: 'POST', url: '/image/v2/images', payload })).json().id;
}

const show = async (id: string) => (await api.ask(token, { url: `/image/v2/images/${id}` })).json();

/** Asks until the image has the status: an upload changes it while nobody waits for an answer. */
async function untilStatus(id: string, status: string): Promise<void> {
  while ((await show(id)).status !== status) await new Promise(setImmediate);
}

function upload(id: string, headers: Record<string, string | number> = {}): ClientRequest {
  return request({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    path: `/image/v2/images/${id}/file`,
    headers: { 'x-auth-token': token, 'content-type': 'application/octet-stream', ...headers },
  });
}

async function answerTo(sent: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

test('megabytes go in and out unchanged, chunked or with their length', async () => {
  const data = randomBytes(3 * 1024 * 1024 + 1);
  for (const headers of [{}, { 'content-length': data.length }]) {
    const id = await queued();
    const sent = upload(id, headers);
    sent.end(data);
    assert.equal((await answerTo(sent)).status, 204);
    const image = await show(id);
    assert.equal(image.size, data.length);
    assert.equal(image.checksum, createHash('md5').update(data).digest('hex'));
    assert.equal(image.os_hash_value, createHash('sha512').update(data).digest('hex'));
    const got = await fetch(`http://127.0.0.1:${port}/image/v2/images/${id}/file`, {
      headers: { 'x-auth-token': token },
    });
    assert.ok(Buffer.from(await got.arrayBuffer()).equals(data));
  }
});

test('an upload that breaks off leaves a queued image, no file, and can be done again', async () => {
  const id = await queued();
  const sent = upload(id);
  sent.on('error', () => {});
  sent.write('half of it');
  await untilStatus(id, 'saving');
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  sent.destroy();
  await end;
  await untilStatus(id, 'queued');
  assert.deepEqual(filesOf(id), []);
  const again = upload(id);
  again.end('all of it');
  assert.equal((await answerTo(again)).status, 204);
  assert.equal((await show(id)).size, 'all of it'.length);
});

test('of two uploads at once one is refused, and the other goes on', async () => {
  const id = await queued();
  const first = upload(id);
  first.write('first');
  await untilStatus(id, 'saving');
  const second = upload(id);
  second.end('second');
  assert.equal((await answerTo(second)).status, 409);
  first.end();
  assert.equal((await answerTo(first)).status, 204);
  assert.equal((await api.ask(token, { url: `/image/v2/images/${id}/file` })).body, 'first');
});

/** An upload whose replica was taken for dead: at another's start its image went back to queued. */
async function givenUp(id: string): Promise<ClientRequest> {
  const sent = upload(id);
  sent.on('error', () => {});
  sent.write('first');
  await untilStatus(id, 'saving');
  await openImageFiles({ folder: api.imageFolder, store: api.store });
  await untilStatus(id, 'queued');
  return sent;
}

test('an old upload that is aborted late leaves the data of a newer one alone', async () => {
  const id = await queued();
  const old = await givenUp(id);
  const newer = upload(id);
  newer.end('second');
  assert.equal((await answerTo(newer)).status, 204);
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  old.destroy();
  await end;
  assert.equal((await show(id)).status, 'active');
  assert.equal((await api.ask(token, { url: `/image/v2/images/${id}/file` })).body, 'second');
  assert.equal(filesOf(id).length, 1);
});

test('an old upload that ends late is a conflict, whether a newer one is under way or done', async () => {
  for (const isDone of [true, false]) {
    const id = await queued();
    const old = await givenUp(id);
    const newer = upload(id);
    if (isDone) {
      newer.end('second');
      assert.equal((await answerTo(newer)).status, 204);
    } else {
      newer.write('sec');
      await untilStatus(id, 'saving');
    }
    old.end();
    const { status, body } = await answerTo(old);
    assert.equal(status, 409);
    assert.match(body, /was given up before its end/);
    if (!isDone) {
      newer.end('ond');
      assert.equal((await answerTo(newer)).status, 204);
    }
    assert.equal((await api.ask(token, { url: `/image/v2/images/${id}/file` })).body, 'second');
    assert.equal(filesOf(id).length, 1);
  }
});

test('an upload whose commit was done, and only its answer lost, keeps its data', async () => {
  const id = await queued();
  losesNextCommit = true;
  const sent = upload(id);
  sent.end('data');
  assert.equal((await answerTo(sent)).status, 204);
  assert.equal(losesNextCommit, false);
  assert.equal((await show(id)).status, 'active');
  assert.equal((await api.ask(token, { url: `/image/v2/images/${id}/file` })).body, 'data');
});

test('a link for hosts leads to the data of an active image alone', async () => {
  const id = await queued();
  const follow = async () => fetch(links.linksTo([id])[id] ?? '');
  assert.equal((await follow()).status, 409);
  const sent = upload(id);
  sent.end('data');
  await answerTo(sent);
  assert.equal(await (await follow()).text(), 'data');
  const act = (action: string) =>
    api.ask(token, { method: 'POST', url: `/image/v2/images/${id}/actions/${action}` });
  await act('deactivate');
  const refused = await follow();
  assert.equal(refused.status, 409);
  await refused.body?.cancel();
  await assert.rejects(createHttpImages().open(id, links.linksTo([id])[id]), {
    kind: 'conflict',
    message: `Image ${id} is not active.`,
  });
  await act('reactivate');
  assert.equal(await (await follow()).text(), 'data');
  await api.ask(token, { method: 'DELETE', url: `/image/v2/images/${id}` });
  await assert.rejects(createHttpImages().open(id, links.linksTo([id])[id]), { kind: 'not-found' });
});

test('an image that is deleted under its upload leaves nothing', async () => {
  const id = await queued();
  const sent = upload(id);
  sent.write('too late');
  await untilStatus(id, 'saving');
  const removed = await api.ask(token, { method: 'DELETE', url: `/image/v2/images/${id}` });
  assert.equal(removed.statusCode, 204);
  sent.end();
  assert.equal((await answerTo(sent)).status, 404);
  assert.deepEqual(filesOf(id), []);
});

test('properties may change while data comes in', async () => {
  const id = await queued();
  const sent = upload(id);
  sent.write('data');
  await untilStatus(id, 'saving');
  const tagged = await api.ask(token, { method: 'PUT', url: `/image/v2/images/${id}/tags/t` });
  assert.equal(tagged.statusCode, 204);
  sent.end();
  assert.equal((await answerTo(sent)).status, 204);
  const { status, tags } = await show(id);
  assert.deepEqual([status, tags], ['active', ['t']]);
});

test('more than the largest size is 413 with a word why, announced or not, and nothing is kept', async () => {
  const data = Buffer.alloc(MAX_SIZE + 1);
  for (const headers of [{}, { 'content-length': data.length }]) {
    const id = await queued();
    const sent = upload(id, headers);
    sent.end(data);
    const { status, body } = await answerTo(sent);
    assert.equal(status, 413);
    assert.match(body, new RegExp(`larger than the ${MAX_SIZE} bytes`));
    assert.equal((await show(id)).status, 'queued');
    assert.deepEqual(filesOf(id), []);
  }
});

test('exactly the largest size goes in', async () => {
  const id = await queued();
  const sent = upload(id);
  sent.end(Buffer.alloc(MAX_SIZE));
  assert.equal((await answerTo(sent)).status, 204);
});

test('a download goes on when its image is deleted', async () => {
  const id = await queued();
  const sent = upload(id);
  const data = randomBytes(MAX_SIZE);
  sent.end(data);
  assert.equal((await answerTo(sent)).status, 204);
  const download = await fetch(`http://127.0.0.1:${port}/image/v2/images/${id}/file`, {
    headers: { 'x-auth-token': token },
  });
  await api.ask(token, { method: 'DELETE', url: `/image/v2/images/${id}` });
  assert.ok(Buffer.from(await download.arrayBuffer()).equals(data));
});

test('data that is gone is told as not found', async () => {
  const id = await queued();
  const sent = upload(id);
  sent.end('data');
  await answerTo(sent);
  for (const name of filesOf(id)) rmSync(join(api.imageFolder, name));
  const answer = await api.ask(token, { url: `/image/v2/images/${id}/file` });
  assert.equal(answer.statusCode, 404);
  assert.ok(!answer.body.includes(api.folder));
});

test('a start brings images and files together', async () => {
  const [interrupted, whole, waiting] = [await queued(), await queued(), await queued()];
  const sent = upload(whole);
  sent.end('whole');
  await answerTo(sent);
  const image = await api.store.images.find(interrupted);
  await api.store.images.update(image!, { status: 'saving', updatedAt: Date.now() });
  const attempts = [imageDataName(whole, 'a1b2'), imageDataName(ID, 'c3d4')];
  for (const name of [interrupted, ID, `${interrupted}.0123.partial`, ...attempts, 'notes.txt'])
    writeFileSync(join(api.imageFolder, name), 'left over');
  await openImageFiles({ folder: api.imageFolder, store: api.store });
  assert.equal((await show(interrupted)).status, 'queued');
  assert.equal((await show(waiting)).status, 'queued');
  assert.equal((await show(whole)).status, 'active');
  assert.deepEqual(filesOf(interrupted), []);
  assert.deepEqual(filesOf(whole), [(await api.store.images.find(whole))?.data]);
  assert.deepEqual(filesOf(ID), []);
  assert.ok(readdirSync(api.imageFolder).includes('notes.txt'));
});

test('a stream that fails leaves no file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nameplate-images-'));
  const files = new ImageFiles(folder);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('some');
      throw new Error('the line is dead');
    })(),
  );
  const name = imageDataName(ID, '1');
  await assert.rejects(files.write(name, broken, 100), /the line is dead/);
  assert.deepEqual(readdirSync(folder), []);
  await files.write(name, Readable.from([Buffer.from('0123456789')]), 100);
  assert.equal(String(await buffer(await files.read(name, { start: 2, end: 4 }))), '234');
  rmSync(folder, { recursive: true });
});

function filesOf(id: string): string[] {
  return readdirSync(api.imageFolder).filter((name) => name.startsWith(id));
}
