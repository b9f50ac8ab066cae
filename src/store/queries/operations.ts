import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { OperationId, ProjectId, RequestId, ServerId, UserId } from '../../model/ids.ts';
import type { Operation, OperationLogLine, OperationState } from '../../model/operation.ts';
import type { OperationQueries } from '../promise/operations.ts';
import type { OperationLogTable, OperationsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<OperationsTable>;

const insert = statement((dialect, row: Insertable<OperationsTable>) =>
  dialect.db
    .insertInto('operations')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('operations').selectAll().where('id', '=', of.id),
);

type Moving = Pick<Row, 'id' | 'state' | 'unfinished' | 'step' | 'notes' | 'failure' | 'updated_at'>;
type Seen = Pick<Row, 'owner' | 'generation'>;
const save = statement((dialect, { id, owner, generation, ...columns }: Moving & Seen) =>
  dialect.db
    .updateTable('operations')
    .set(columns)
    .set((eb) => ({ generation: eb('generation', '+', eb.lit(1)) }))
    .where('id', '=', id)
    .where('owner', '=', owner)
    .where('generation', '=', generation)
    .returningAll(),
);

const renew = statement((dialect, of: { owner: string; leaseUntil: number; unfinished: number }) =>
  dialect.db
    .updateTable('operations')
    .set({ lease_until: of.leaseUntil })
    .where('owner', '=', of.owner)
    .where('unfinished', '=', of.unfinished)
    .returning('number'),
);

interface Heir {
  owner: string;
  now: number;
  leaseUntil: number;
  limit: number;
  unfinished: number;
}
const takeOver = statement((dialect, of: Heir) =>
  dialect.db
    .updateTable('operations')
    .set({ owner: of.owner, lease_until: of.leaseUntil })
    .set((eb) => ({ generation: eb('generation', '+', eb.lit(1)) }))
    .where('number', 'in', (eb) =>
      eb
        .selectFrom('operations')
        .select('number')
        .where('unfinished', '=', of.unfinished)
        .where('lease_until', '<', of.now)
        .where('owner', '!=', of.owner)
        .orderBy('created_at')
        .orderBy('number')
        .limit(of.limit),
    )
    .where('lease_until', '<', of.now)
    .returningAll(),
);

const unfinishedBefore = statement((dialect, of: { id: string; server: string; unfinished: number }) =>
  dialect.db
    .selectFrom('operations')
    .selectAll()
    .where('server_id', '=', of.server)
    .where('unfinished', '=', of.unfinished)
    .where('number', '<', (eb) => eb.selectFrom('operations').select('number').where('id', '=', of.id))
    .orderBy('number')
    .limit((eb) => eb.lit(1)),
);

const cancel = statement((dialect, of: { server: string; cancelled: number; unfinished: number }) =>
  dialect.db
    .updateTable('operations')
    .set({ cancelled: of.cancelled })
    .where('server_id', '=', of.server)
    .where('unfinished', '=', of.unfinished)
    .returning('number'),
);

const unfinished = statement((dialect, of: { unfinished: number }) =>
  dialect.db
    .selectFrom('operations')
    .selectAll()
    .where('unfinished', '=', of.unfinished)
    .orderBy('created_at')
    .orderBy('number'),
);

const addLine = statement((dialect, row: Insertable<OperationLogTable>) =>
  dialect.db.insertInto('operation_log').values(row),
);

const linesOf = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('operation_log').selectAll().where('operation_id', '=', of.id).orderBy('number'),
);

/** Durable operations and their logs, asked of one session. */
export function operationQueries(session: Session): OperationQueries {
  return {
    insert: (operation) =>
      session.atomically(async (tx) => {
        const [made] = await insert(tx, rowOf(operation));
        if (made === undefined) throw new Failure('conflict', `Operation ${operation.id} exists already.`);
      }),
    async find(id) {
      const [row] = await find(session, { id });
      return row && operationOf(row);
    },
    save: (operation) => session.atomically((tx) => saveOperation(tx, operation)),
    renew: (owner, leaseUntil) =>
      session.holding(async (tx) => (await renew(tx, { owner, leaseUntil, unfinished: 1 })).length),
    takeOver: (by) =>
      session.atomically(async (tx) => {
        const taken = await takeOver(tx, { ...by, unfinished: 1 });
        return taken.sort((a, b) => a.created_at - b.created_at || a.number - b.number).map(operationOf);
      }),
    async unfinishedBefore({ id, serverId }) {
      const [row] = await unfinishedBefore(session, { id, server: serverId, unfinished: 1 });
      return row && operationOf(row);
    },
    cancel: (server) =>
      session.atomically(async (tx) => (await cancel(tx, { server, cancelled: 1, unfinished: 1 })).length),
    log: (line) => session.atomically(async (tx) => void (await addLine(tx, rowOfLine(line)))),
    async logOf(id) {
      return (await linesOf(session, { id })).map(lineOf);
    },
    async unfinished() {
      return (await unfinished(session, { unfinished: 1 })).map(operationOf);
    },
  };
}

async function saveOperation(session: Session, operation: Operation): Promise<Operation> {
  const { id, owner, generation, state, unfinished, step, notes, failure, updated_at } = rowOf(operation);
  const moving = { id, state, unfinished, step, notes, failure, updated_at };
  const [saved] = await save(session, { ...moving, owner, generation });
  if (saved !== undefined) return operationOf(saved);
  const [stored] = await find(session, { id });
  if (stored === undefined) throw new Failure('not-found', `Operation ${id} could not be found.`);
  throw new Failure('conflict', `Operation ${id} was moved by another replica.`, {
    operatorText: `Operation ${id} belongs to ${stored.owner} at generation ${stored.generation}; ${owner} saw generation ${generation}.`,
  });
}

function rowOf(operation: Operation): Omit<Row, 'number'> {
  const ended = operation.state === 'done' || operation.state === 'undone';
  return {
    id: operation.id,
    kind: operation.kind,
    server_id: operation.serverId,
    state: operation.state,
    unfinished: ended ? 0 : 1,
    step: operation.step,
    input: JSON.stringify(operation.input),
    notes: JSON.stringify(operation.notes),
    failure: operation.failure === null ? null : JSON.stringify(operation.failure),
    cancelled: operation.cancelled ? 1 : 0,
    request_id: operation.requestId,
    project_id: operation.projectId,
    user_id: operation.userId,
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
    owner: operation.owner,
    lease_until: operation.leaseUntil,
    generation: operation.generation,
  };
}

function operationOf(row: Row): Operation {
  return {
    id: row.id as OperationId,
    kind: row.kind,
    serverId: row.server_id as ServerId,
    state: row.state as OperationState,
    step: row.step,
    input: JSON.parse(row.input) as Operation['input'],
    notes: JSON.parse(row.notes) as Operation['notes'],
    failure: row.failure === null ? null : (JSON.parse(row.failure) as Operation['failure']),
    cancelled: row.cancelled === 1,
    requestId: row.request_id as RequestId,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    owner: row.owner,
    leaseUntil: row.lease_until,
    generation: row.generation,
  };
}

function rowOfLine(line: OperationLogLine): Insertable<OperationLogTable> {
  const { operationId, step, event, detail, at } = line;
  return { operation_id: operationId, step, event, detail, at };
}

function lineOf(row: Selectable<OperationLogTable>): OperationLogLine {
  return {
    operationId: row.operation_id as OperationId,
    step: row.step,
    event: row.event as OperationLogLine['event'],
    detail: row.detail,
    at: row.at,
  };
}
