import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logLine } from '../../../test/lab/log-line.ts';
import { sampleOperation } from '../../../test/laws/sample-operation.ts';
import { Failure } from '../../model/failure.ts';
import type { Log, LogEvent } from '../../model/log.ts';
import type { OperationLogLine } from '../../model/operation.ts';
import { logEnd, logTries } from './operation-logging.ts';
import type { Step } from './step.ts';

const step: Step = {
  name: 'boot',
  output: null,
  timeoutMs: 1,
  tries: 9,
  do: async () => undefined,
  undo: 'nothing',
};
const away = new Failure('unavailable', 'No agent serves host h1');
const full = new Failure('unavailable', 'The disk is full');

function listen() {
  const lines: string[] = [];
  const log: Log = (event, fields) => void lines.push(logLine(event, fields));
  const stored: OperationLogLine[] = [];
  const operations = { log: async (line: OperationLogLine) => void stored.push(line) };
  return { lines, stored, log, parts: { log, store: { operations }, now: () => 7 } };
}

describe('what operators are told of operations', () => {
  const operation = sampleOperation({ kind: 'create-server' });
  const named = { kind: 'create-server', server: operation.serverId, operation: operation.id };

  it('is the first try that failed, one that failed for another reason, and the last', async () => {
    const { lines, stored, parts } = listen();
    const tell = logTries(parts, { operation, step, what: 'failed' });
    for (const tried of [1, 2, 3]) await tell({ failure: away, tried, again: true });
    for (const tried of [4, 5]) await tell({ failure: full, tried, again: true });
    await tell({ failure: full, tried: 6, again: false });
    const line = (event: LogEvent, tried: number, { message: why }: Failure) =>
      logLine(event, { ...named, step: 'boot', tried, why });
    assert.deepEqual(lines, [
      line('step-retried', 1, away),
      line('step-retried', 4, full),
      line('step-failed', 6, full),
    ]);
    const kept = { operationId: operation.id, step: 'boot', event: 'try failed', at: 7 };
    assert.deepEqual(stored, [
      { ...kept, tries: 1, detail: away.message },
      { ...kept, tries: 4, detail: full.message },
    ]);
  });

  it('warns of nothing that somebody asked for', async () => {
    const { lines, parts } = listen();
    await logTries(parts, { operation, step, what: 'failed' })({
      ...{ failure: away, tried: 1, again: false },
      isExpected: true,
    });
    assert.match(lines.join(), /^info step-cancelled /);
  });

  it('is each end: which server, the host that was chosen, how long it took, why it was taken back', () => {
    const { lines, log } = listen();
    const ended = { ...operation, updatedAt: operation.createdAt + 250 };
    logEnd(log, {
      ...ended,
      state: 'done',
      outputs: { define: null, schedule: { scheduling: { host: 'h2', among: 3, refused: [] } } },
    });
    const failure = { kind: 'unavailable', message: 'Away.', operatorText: 'h1 is away.' };
    logEnd(log, { ...ended, state: 'undone', failure });
    assert.deepEqual(lines, [
      logLine('operation-done', { ...named, chosen: 'h2', tookMs: 250 }),
      logLine('operation-unwound', { ...named, tookMs: 250, why: 'Away.' }),
    ]);
  });
});
