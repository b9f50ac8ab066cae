import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openImageFiles } from '../../src/image-data/image-files.ts';
import type { ImageId } from '../../src/model/ids.ts';
import type { ImageDataName } from '../../src/model/image.ts';
import { type ApiUnderTest, startApi } from './api-under-test.ts';

/**
 * Uploads to one image begin, end, break off and are given up in any order: its data is always that of the
 * one that was committed.
 */

let api: ApiUnderTest;
let token: string;
let port: number;
before(async () => {
  api = await startApi();
  token = await api.adminToken();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = (api.app.server.address() as AddressInfo).port;
});
after(() => api.close());

interface Attempt {
  readonly sent: ClientRequest;
  readonly content: string;
  readonly name: ImageDataName;
}

/** An image, with what it must be. */
interface Run {
  readonly id: ImageId;
  status: 'queued' | 'saving' | 'active' | 'deactivated' | 'deleted';
  committed: Attempt | undefined;
  current: Attempt | undefined;
  open: Attempt[];
  count: number;
}

const OPERATIONS = [
  'start',
  'finish',
  'finish oldest',
  'abort',
  'abort oldest',
  'restart',
  'delete',
] as const;
const SWITCHES = ['deactivate', 'reactivate'] as const;
type Operation = (typeof OPERATIONS)[number] | (typeof SWITCHES)[number];

const stored = (id: ImageId) => api.store.images.find(id);
const filesOf = (id: ImageId) => readdirSync(api.imageFolder).filter((name) => name.startsWith(id));
const turn = () => new Promise(setImmediate);

async function answerTo(sent: ClientRequest): Promise<number | undefined> {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await text(answer);
  return answer.statusCode;
}

async function start(run: Run): Promise<void> {
  const sent = request({
    ...{ port, host: '127.0.0.1', method: 'PUT', path: `/image/v2/images/${run.id}/file` },
    headers: { 'x-auth-token': token, 'content-type': 'application/octet-stream' },
  });
  sent.on('error', () => {});
  const content = `upload ${run.count++}`;
  if (run.status !== 'queued') {
    sent.end(content);
    assert.equal(await answerTo(sent), run.status === 'deleted' ? 404 : 409);
    return;
  }
  sent.write(content);
  let name = (await stored(run.id))?.upload ?? null;
  for (; name === null; name = (await stored(run.id))?.upload ?? null) await turn();
  run.current = { sent, content, name };
  run.open.push(run.current);
  run.status = 'saving';
}

async function finish(run: Run, attempt: Attempt | undefined): Promise<void> {
  if (attempt === undefined) return;
  run.open = run.open.filter((each) => each !== attempt);
  attempt.sent.end();
  const status = await answerTo(attempt.sent);
  if (attempt !== run.current) return assert.equal(status, run.status === 'deleted' ? 404 : 409);
  assert.equal(status, 204);
  run.status = 'active';
  run.committed = attempt;
  run.current = undefined;
}

async function abort(run: Run, attempt: Attempt | undefined): Promise<void> {
  if (attempt === undefined) return;
  run.open = run.open.filter((each) => each !== attempt);
  attempt.sent.destroy();
  while (filesOf(run.id).includes(attempt.name) || (await stored(run.id))?.upload === attempt.name)
    await turn();
  if (attempt !== run.current) return;
  run.status = 'queued';
  run.current = undefined;
}

async function perform(run: Run, operation: Operation): Promise<void> {
  const url = `/image/v2/images/${run.id}`;
  switch (operation) {
    case 'start':
      return start(run);
    case 'finish':
      return finish(run, run.open.at(-1));
    case 'finish oldest':
      return finish(run, run.open[0]);
    case 'abort':
      return abort(run, run.open.at(-1));
    case 'abort oldest':
      return abort(run, run.open[0]);
    case 'restart':
      await openImageFiles({ folder: api.imageFolder, store: api.store });
      if (run.status === 'saving') run.status = 'queued';
      run.current = undefined;
      return;
    case 'delete':
      assert.equal(
        (await api.ask(token, { method: 'DELETE', url })).statusCode,
        run.status === 'deleted' ? 404 : 204,
      );
      Object.assign(run, { status: 'deleted', current: undefined, committed: undefined });
      return;
    default:
      if ((await api.ask(token, { method: 'POST', url: `${url}/actions/${operation}` })).statusCode === 204)
        run.status = operation === 'deactivate' ? 'deactivated' : 'active';
  }
}

/** What anybody sees of the image is what it must be. */
async function check(run: Run): Promise<void> {
  assert.equal((await stored(run.id))?.status ?? 'deleted', run.status);
  const got = await api.ask(token, { url: `/image/v2/images/${run.id}/file` });
  if (run.committed === undefined) return assert.ok([204, 404].includes(got.statusCode));
  assert.equal(got.body, run.committed.content);
  assert.ok(filesOf(run.id).includes(run.committed.name));
}

test('the data of an image is that of its one committed upload, in whatever order uploads go', async () => {
  // Rarely anything ends, so that uploads pile up.
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Operation>('start', 'restart') },
    { weight: 4, arbitrary: fc.constantFrom<Operation>(...OPERATIONS.slice(1, 5)) },
    { weight: 1, arbitrary: fc.constantFrom<Operation>('delete', ...SWITCHES) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 12 }), async (operations) => {
      const payload = { disk_format: 'raw', container_format: 'bare' };
      const made = await api.ask(token, { method: 'POST', url: '/image/v2/images', payload });
      const run: Run = { id: made.json().id, status: 'queued', count: 0, open: [], ...NOTHING };
      for (const each of operations) {
        await perform(run, each);
        await check(run);
      }
      while (run.open.length > 0) await abort(run, run.open[0]);
      await check(run);
      assert.deepEqual(filesOf(run.id), run.committed === undefined ? [] : [run.committed.name]);
    }),
    { numRuns: 25, examples: EXAMPLES.map((example): [Operation[]] => [[...example]]) },
  );
});

const NOTHING = { committed: undefined, current: undefined } as const;
const EXAMPLES: readonly (readonly Operation[])[] = [
  ['start', 'restart', 'start', 'finish', 'abort oldest'],
  ['start', 'restart', 'start', 'finish oldest', 'finish'],
  ['start', 'delete', 'start', 'abort oldest'],
  ['start', 'start', 'finish', 'deactivate', 'start', 'reactivate'],
];
