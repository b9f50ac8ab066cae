import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../../test/lab/run-cli.ts';
import { sampleOperation } from '../../test/laws/sample-operation.ts';
import { openStore } from '../store/open.ts';

describe('nameplate operation', () => {
  let stateDir: string;
  const stuck = sampleOperation({ step: 'boot', createdAt: 1_000, updatedAt: 2_000 });
  const done = sampleOperation({ kind: 'stop-server', state: 'done', step: null });

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'np-operation-'));
    const store = await openStore({ connection: `sqlite:///${stateDir}/nameplate.sqlite` });
    for (const one of [stuck, done]) await store.operations.insert(one);
    const { id: operationId } = stuck;
    const line = { operationId, tries: 1, detail: null };
    await store.operations.log({ ...line, step: 'define', event: 'done', at: 2_500 });
    const why = 'No agent serves host h1.';
    await store.operations.log({ ...line, step: 'boot', event: 'try failed', detail: why, at: 3_000 });
    await store.close();
  });
  after(() => rm(stateDir, { recursive: true }));

  const run = async (...words: string[]) => (await runCli(['operation', ...words], stateDir)).said;

  it('lists operations, newest first, and by what is asked', async () => {
    const rows = (said: string) =>
      said
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split(/\s+/)[0]);
    assert.deepEqual(rows(await run('list')), [done.id, stuck.id]);
    assert.deepEqual(rows(await run('list', '--limit', '1')), [done.id]);
    assert.deepEqual(rows(await run('list', '--state', 'running')), [stuck.id]);
    assert.deepEqual(rows(await run('list', '--kind', 'stop-server')), [done.id]);
    assert.deepEqual(rows(await run('list', '--server', stuck.serverId.toUpperCase())), [stuck.id]);
  });

  it('shows the steps of one, and why the step under way is still tried', async () => {
    const said = await run('show', stuck.id);
    assert.match(said, /^state +running$/m);
    assert.match(said, /^define +do +done +1970-01-01T00:00:01\.000Z +1\.5 +1$/m);
    assert.match(said, /^boot +do +under way +1970-01-01T00:00:02\.500Z +- +1$/m);
    assert.match(said, /^1970-01-01T00:00:03\.000Z boot \(do\), try 1: No agent serves host h1\.$/m);
  });

  it('refuses a state, a limit or an id that there is not', async () => {
    await assert.rejects(run('list', '--state', 'asleep'), /--state asleep: accepted are running, unwinding/);
    await assert.rejects(run('list', '--limit', '0'), /--limit 0: accepted is a whole number from 1/);
    await assert.rejects(run('show', 'nothing'), /Operation nothing could not be found/);
  });
});
