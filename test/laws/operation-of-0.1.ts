import type { Operation } from '../../src/model/operation.ts';

const NOTES = JSON.stringify({
  scheduling: { host: 'h', among: 1, refused: [] },
  reached: true,
  'left by power off': true,
  leftovers: true,
});

/**
 * How release 0.1 writes an operation down: a resize that unwinds, and has not undone its second step yet.
 */
export const INSERT_BY_0_1 = `insert into operations
  (id, kind, server_id, state, unfinished, step, input, notes, failure, cancelled, request_id, project_id, user_id,
    created_at, updated_at, owner, lease_until, generation)
  values ('o', 'resize-server', 's', 'unwinding', 1, 1, '{"host":null}', '${NOTES}', null, 0, 'r', 'p', 'u',
    1, 1, 'local', 0, 1)`;

/** The same, by names. */
export const ROW_BY_NAME = {
  version: 1,
  step: 'define',
  outputs: {
    'choose destination': { scheduling: { host: 'h', among: 1, refused: [] }, reached: true },
  },
  notUndone: ['power off'],
};

export function rowByName({ version, step, outputs, notUndone }: Operation) {
  return { version, step, outputs, notUndone };
}
