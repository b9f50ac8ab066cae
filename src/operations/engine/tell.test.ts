import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logLine } from '../../../test/lab/log-line.ts';
import { sampleOperation } from '../../../test/laws/sample-operation.ts';
import { Failure } from '../../model/failure.ts';
import type { Log, LogEvent } from '../../model/log.ts';
import type { Step } from './step.ts';
import { tellOfEnd, tellOfTries } from './tell.ts';

const step: Step = { name: 'boot', timeoutMs: 1, tries: 9, do: async () => undefined, undo: 'nothing' };
const away = new Failure('unavailable', 'No agent serves host h1');
const full = new Failure('unavailable', 'The disk is full');

function listen() {
  const lines: string[] = [];
  const log: Log = (event, fields) => void lines.push(logLine(event, fields));
  return { lines, log };
}

describe('what operators are told of operations', () => {
  const operation = sampleOperation({ kind: 'create-server' });
  const named = { kind: 'create-server', server: operation.serverId, operation: operation.id };

  it('is the first try that failed, one that failed for another reason, and the last', () => {
    const { lines, log } = listen();
    const tell = tellOfTries(log, { operation, step, what: 'failed' });
    for (const tried of [1, 2, 3]) tell({ failure: away, tried, again: true });
    for (const tried of [4, 5]) tell({ failure: full, tried, again: true });
    tell({ failure: full, tried: 6, again: false });
    const line = (event: LogEvent, tried: number, { message: why }: Failure) =>
      logLine(event, { ...named, step: 'boot', tried, why });
    assert.deepEqual(lines, [
      line('step-retried', 1, away),
      line('step-retried', 4, full),
      line('step-failed', 6, full),
    ]);
  });

  it('warns of nothing that somebody asked for', () => {
    const { lines, log } = listen();
    tellOfTries(log, { operation, step, what: 'failed' })({
      ...{ failure: away, tried: 1, again: false },
      isExpected: true,
    });
    assert.match(lines.join(), /^info step-cancelled /);
  });

  it('is each end: which server, the host that was chosen, how long it took, why it was taken back', () => {
    const { lines, log } = listen();
    const ended = { ...operation, updatedAt: operation.createdAt + 250 };
    tellOfEnd(log, { ...ended, state: 'done', notes: { scheduling: { host: 'h2', among: 3, refused: [] } } });
    const failure = { kind: 'unavailable', message: 'Away.', operatorText: 'h1 is away.' };
    tellOfEnd(log, { ...ended, state: 'undone', failure });
    assert.deepEqual(lines, [
      logLine('operation-done', { ...named, chosen: 'h2', tookMs: 250 }),
      logLine('operation-unwound', { ...named, tookMs: 250, why: 'Away.' }),
    ]);
  });
});
