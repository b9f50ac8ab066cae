import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleOperation } from '../../test/laws/sample-operation.ts';
import type { OperationLogEvent, OperationLogLine } from './operation.ts';
import { historyOf } from './operation-history.ts';

const operation = sampleOperation({ createdAt: 100, state: 'running', step: 'boot' });

function line(step: string, event: OperationLogEvent, rest: Partial<OperationLogLine>): OperationLogLine {
  return { operationId: operation.id, step, event, tries: 1, detail: null, at: 0, ...rest };
}

describe('the history of an operation', () => {
  it('has each step with its times and tries, and the one under way last', () => {
    const lines = [
      line('define', 'done', { at: 150 }),
      line('create disks', 'skipped', { at: 160, tries: 0 }),
      line('boot', 'try failed', { at: 200, tries: 1, detail: 'No agent serves host h1.' }),
      line('boot', 'try failed', { at: 300, tries: 4, detail: 'The disk is full.' }),
    ];
    assert.deepEqual(historyOf(operation, lines), [
      {
        step: 'define',
        phase: 'do',
        outcome: 'done',
        startedAt: 100,
        finishedAt: 150,
        tries: 1,
        failures: [],
      },
      {
        step: 'create disks',
        phase: 'do',
        outcome: 'skipped',
        startedAt: 150,
        finishedAt: 160,
        tries: 0,
        failures: [],
      },
      {
        ...{ step: 'boot', phase: 'do', outcome: null, startedAt: 160, finishedAt: null, tries: 4 },
        failures: [
          { at: 200, tries: 1, why: 'No agent serves host h1.' },
          { at: 300, tries: 4, why: 'The disk is full.' },
        ],
      },
    ]);
  });

  it('tells doing from undoing, and why each failed', () => {
    const lines = [
      line('define', 'done', { at: 150 }),
      line('boot', 'failed', { at: 200, detail: 'on fire' }),
      line('boot', 'undo failed', { at: 250, tries: 40, detail: 'still on fire' }),
      line('define', 'undone', { at: 300 }),
    ];
    const undone = historyOf({ ...operation, state: 'undone', step: null }, lines);
    assert.deepEqual(
      undone.map(({ step, phase, outcome, failures }) => [
        step,
        phase,
        outcome,
        failures.map(({ why }) => why),
      ]),
      [
        ['define', 'do', 'done', []],
        ['boot', 'do', 'failed', ['on fire']],
        ['boot', 'undo', 'undo failed', ['still on fire']],
        ['define', 'undo', 'undone', []],
      ],
    );
  });
});
