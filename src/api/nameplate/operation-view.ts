import type { Operation, OperationLogLine } from '../../model/operation.ts';
import { historyOf } from '../../model/operation-history.ts';
import {
  anyOf,
  flag,
  integer,
  links,
  listOf,
  nothing,
  object,
  optional,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  word,
} from '../http/shape.ts';

const STATES = ['running', 'unwinding', 'done', 'undone'] as const;

const fields = {
  id: text,
  kind: text,
  version: integer,
  server_id: text,
  state: word(...STATES),
  step: textOrNull,
  cancelled: flag,
  failure: anyOf(nothing, object({ kind: text, message: text, details: text }, 'OperationFailure')),
  not_undone: texts,
  not_understood: textOrNull,
  owner: text,
  request_id: text,
  project_id: text,
  user_id: text,
  created_at: time,
  updated_at: time,
};

const failedTry = object({ at: time, tries: integer, why: textOrNull }, 'FailedTry');
const step = object(
  {
    step: text,
    phase: word('do', 'undo'),
    outcome: word('done', 'skipped', 'failed', 'undone', 'undo failed', null),
    started_at: time,
    finished_at: timeOrNull,
    tries: integer,
    failures: listOf(failedTry),
  },
  'OperationStep',
);

export const operationListShown = object({
  operations: listOf(object(fields, 'Operation')),
  operations_links: optional(links),
});
export const operationShown = object({ operation: object({ ...fields, steps: listOf(step) }) });

const stamp = (ms: number) => new Date(ms).toISOString();

/** An operation for administrators. */
export function operationView(operation: Operation) {
  const { failure, notUndone: not_undone, notUnderstood: not_understood } = operation;
  return {
    id: operation.id,
    kind: operation.kind,
    version: operation.version,
    server_id: operation.serverId,
    state: operation.state,
    step: operation.step,
    cancelled: operation.cancelled,
    failure: failure && { kind: failure.kind, message: failure.message, details: failure.operatorText },
    not_undone,
    not_understood,
    owner: operation.owner,
    request_id: operation.requestId,
    project_id: operation.projectId,
    user_id: operation.userId,
    created_at: stamp(operation.createdAt),
    updated_at: stamp(operation.updatedAt),
  };
}

/** An operation with the history of its steps. */
export function operationDetail(operation: Operation, lines: readonly OperationLogLine[]) {
  const steps = historyOf(operation, lines).map(({ startedAt, finishedAt, failures, ...rest }) => ({
    ...rest,
    started_at: stamp(startedAt),
    finished_at: finishedAt === null ? null : stamp(finishedAt),
    failures: failures.map(({ at, ...failed }) => ({ ...failed, at: stamp(at) })),
  }));
  return { ...operationView(operation), steps };
}
