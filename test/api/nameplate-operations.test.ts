import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sampleOperation } from '../laws/sample-operation.ts';
import { type ComputeUnderTest, startCompute } from './compute/compute-under-test.ts';

describe('the operation log in the API', () => {
  let compute: ComputeUnderTest;
  const failure = { kind: 'unavailable', message: 'Away.', operatorText: 'h1 is away.' };
  const unwound = sampleOperation({
    state: 'undone',
    step: null,
    failure,
    notUndone: ['boot'],
    updatedAt: 9_000,
  });
  const stuck = sampleOperation({ kind: 'stop-server', step: 'power off', updatedAt: 20_000 });

  before(async () => {
    compute = await startCompute();
    const { operations } = compute.api.store;
    for (const one of [unwound, stuck]) await operations.insert(one);
    const line = { operationId: unwound.id, step: 'boot', tries: 1, detail: null };
    await operations.log({ ...line, event: 'failed', detail: 'h1 is away.', at: 6 });
    await operations.log({ ...line, event: 'undo failed', tries: 40, detail: 'h1 is away.', at: 9_000 });
  });
  after(() => compute.close());

  const ask = (path: string, token = compute.admin) =>
    compute.api.ask(token, { url: `/nameplate/v1/operations${path}` });
  const idsOf = async (path: string) => {
    const answer = await ask(path);
    assert.equal(answer.statusCode, 200, answer.body);
    return (answer.json() as { operations: { id: string }[] }).operations.map(({ id }) => id);
  };

  test('lists operations newest first, by server, state, kind and time, page by page', async () => {
    assert.deepEqual(await idsOf(''), [stuck.id, unwound.id]);
    assert.deepEqual(await idsOf(`?server=${unwound.serverId}`), [unwound.id]);
    assert.deepEqual(await idsOf('?state=running'), [stuck.id]);
    assert.deepEqual(await idsOf('?kind=stop-server'), [stuck.id]);
    assert.deepEqual(await idsOf('?since=1970-01-01T00:00:10Z'), [stuck.id]);
    assert.deepEqual(await idsOf('?limit=1'), [stuck.id]);
    assert.deepEqual(await idsOf(`?limit=1&marker=${stuck.id}`), [unwound.id]);
    const { operations_links: links } = (await ask('?limit=1&state=running')).json();
    const [{ rel, href }] = links;
    assert.equal(rel, 'next');
    assert.match(href, /\/nameplate\/v1\/operations\?/);
    assert.deepEqual(Object.fromEntries(new URL(href).searchParams), {
      ...{ limit: '1', state: 'running', marker: stuck.id },
    });
    assert.deepEqual(await idsOf(new URL(href).search), []);
    assert.equal((await ask('?limit=3')).json().operations_links, undefined);
  });

  test('shows an operation with its steps, tries and failures, and what was not undone', async () => {
    const { operation } = (await ask(`/${unwound.id}`)).json();
    const { state, failure: why, not_undone, steps } = operation;
    assert.deepEqual([state, why.details, not_undone], ['undone', 'h1 is away.', ['boot']]);
    const at = '1970-01-01T00:00:00.006Z';
    assert.deepEqual(steps, [
      {
        ...{ step: 'boot', phase: 'do', outcome: 'failed', tries: 1 },
        ...{ started_at: '1970-01-01T00:00:00.005Z', finished_at: at },
        failures: [{ at, tries: 1, why: 'h1 is away.' }],
      },
      {
        ...{ step: 'boot', phase: 'undo', outcome: 'undo failed', tries: 40 },
        ...{ started_at: at, finished_at: '1970-01-01T00:00:09.000Z' },
        failures: [{ at: '1970-01-01T00:00:09.000Z', tries: 40, why: 'h1 is away.' }],
      },
    ]);
  });

  test('answers administrators only, and names the field of a bad question', async () => {
    assert.equal((await ask('', compute.member.token)).statusCode, 403);
    assert.equal((await ask('/none')).statusCode, 404);
    for (const [query, said] of [
      ['?since=yesterday', /since: 'yesterday' is no time; accepted is a date such as/],
      ['?since=2026-02-30', /since: '2026-02-30' is no time/],
      ['?since=2026-01-31%20(x)', /since: '2026-01-31 \(x\)' is no time/],
      ['?state=asleep', /state/],
      ['?marker=none', /marker/],
      ['?colour=red', /colour/],
    ] as const) {
      const answer = await ask(query);
      assert.equal(answer.statusCode, 400, answer.body);
      assert.match(answer.body, said);
    }
  });
});
