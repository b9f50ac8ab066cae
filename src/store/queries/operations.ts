import { setImmediate as immediate } from 'node:timers/promises';
import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { OperationId, ProjectId, RequestId, ServerId, UserId } from '../../model/ids.ts';
import type { Operation, OperationLogLine, OperationState } from '../../model/operation.ts';
import type { OperationFilter, OperationQueries } from '../promise/operations.ts';
import type { Page } from '../promise/page.ts';
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

const newest = statement((dialect) =>
  dialect.db.selectFrom('operations').select((eb) => eb.fn.max<number | null>('number').as('number')),
);

/**
 * Rows that a query reads which no index narrows: SQLite reads on the thread that answers all requests.
 */
const ROWS_AT_ONCE = 5_000;

interface Listed {
  server: string | undefined;
  state: string | undefined;
  unfinished: number | undefined;
  kind: string | undefined;
  since: number | undefined;
  from: number | undefined;
  before: number | undefined;
  limit: number;
}
const list = statement((dialect, of: Listed) => {
  let query = dialect.db.selectFrom('operations').selectAll();
  if (of.server !== undefined) query = query.where('server_id', '=', of.server);
  if (of.state !== undefined) query = query.where('state', '=', of.state);
  if (of.unfinished !== undefined) query = query.where('unfinished', '=', of.unfinished);
  if (of.kind !== undefined) query = query.where('kind', '=', of.kind);
  if (of.since !== undefined) query = query.where('updated_at', '>=', of.since);
  if (of.from !== undefined) query = query.where('number', '>=', of.from);
  if (of.before !== undefined) query = query.where('number', '<', of.before);
  return query.orderBy('number', 'desc').limit(of.limit);
});

/** Version and input change where a release converts the row of an earlier one. */
type Moving = Pick<
  Row,
  | ('id' | 'state' | 'unfinished' | 'version' | 'step_name' | 'input')
  | ('outputs' | 'not_undone' | 'failure' | 'updated_at')
>;
type Seen = Pick<Row, 'owner' | 'generation'>;
const save = statement((dialect, { id, owner, generation, ...columns }: Moving & Seen) =>
  dialect.db
    .updateTable('operations')
    .set(columns)
    .set((eb) => ({ generation: eb('generation', '+', eb.lit(1)) }))
    .where('id', '=', id)
    .where('owner', '=', owner)
    .where('generation', '=', generation)
    .returning(['cancelled', 'cancel_request_id', 'lease_until']),
);

const renew = statement((dialect, of: { owner: string; leaseUntil: number; unfinished: number }) =>
  dialect.db
    .updateTable('operations')
    .set({ lease_until: of.leaseUntil })
    .where('owner', '=', of.owner)
    .where('unfinished', '=', of.unfinished)
    .returning('number'),
);

const letGo = statement((dialect, of: Seen & { id: string; nobody: string; why: string; over: number }) =>
  dialect.db
    .updateTable('operations')
    .set({ owner: of.nobody, lease_until: of.over, not_understood: of.why })
    .set((eb) => ({ generation: eb('generation', '+', eb.lit(1)) }))
    .where('id', '=', of.id)
    .where('owner', '=', of.owner)
    .where('generation', '=', of.generation)
    .returning('number'),
);

interface Takeover {
  owner: string;
  now: number;
  leaseUntil: number;
  limit: number;
  unfinished: number;
  understood: null;
  except: readonly string[] | undefined;
}
const takeOver = statement((dialect, of: Takeover) =>
  dialect.db
    .updateTable('operations')
    .set({ owner: of.owner, lease_until: of.leaseUntil, not_understood: of.understood })
    .set((eb) => ({ generation: eb('generation', '+', eb.lit(1)) }))
    .where('number', 'in', (eb) =>
      eb
        .selectFrom('operations')
        .select('number')
        .where('unfinished', '=', of.unfinished)
        .where('lease_until', '<', of.now)
        .where('owner', '!=', of.owner)
        .$if(of.except !== undefined, (query) => query.where('id', 'not in', of.except ?? []))
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

interface Cancelling {
  server: string;
  request: string | undefined;
  cancelled: number;
  unfinished: number;
}
const cancel = statement((dialect, of: Cancelling) =>
  dialect.db
    .updateTable('operations')
    .set({ cancelled: of.cancelled })
    .$if(of.request !== undefined, (query) => query.set({ cancel_request_id: of.request as string }))
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

/** Queries of one session: durable operations and their logs. */
export function operationQueries(session: Session): OperationQueries {
  return {
    insert: (operation) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(operation));
        if (inserted === undefined)
          throw new Failure('conflict', `Operation ${operation.id} exists already.`);
      }),
    async find(id) {
      const [row] = await find(session, { id });
      return row && operationOf(row);
    },
    list: (filter, page) => listOf(session, filter, page),
    save: (operation) => session.transaction((tx) => saveOperation(tx, operation)),
    renew: (owner, leaseUntil) =>
      session.lockingTransaction(
        async (tx) => (await renew(tx, { owner, leaseUntil, unfinished: 1 })).length,
      ),
    takeOver: ({ except = [], ...by }) =>
      session.transaction(async (tx) => {
        const left = except.length === 0 ? undefined : except;
        const taken = await takeOver(tx, { ...by, unfinished: 1, understood: null, except: left });
        return taken.sort((a, b) => a.created_at - b.created_at || a.number - b.number).map(operationOf);
      }),
    letGo: (operation, why) => session.transaction((tx) => letGoOf(tx, operation, why)),
    async unfinishedBefore({ id, serverId }) {
      const [row] = await unfinishedBefore(session, { id, server: serverId, unfinished: 1 });
      return row && operationOf(row);
    },
    cancel: (server, request) =>
      session.transaction(
        async (tx) => (await cancel(tx, { server, request, cancelled: 1, unfinished: 1 })).length,
      ),
    log: (line) => session.transaction(async (tx) => void (await addLine(tx, rowOfLine(line)))),
    async logOf(id) {
      return (await linesOf(session, { id })).map(lineOf);
    },
    async unfinished() {
      return (await unfinished(session, { unfinished: 1 })).map(operationOf);
    },
  };
}

async function listOf(
  session: Session,
  { server, state, kind, since }: OperationFilter,
  { limit, marker }: Pick<Page, 'limit' | 'marker'>,
): Promise<Operation[]> {
  const [last] = marker === undefined ? [] : await find(session, { id: marker });
  if (marker !== undefined && last === undefined)
    throw new Failure('invalid', `marker: there is no operation ${marker.slice(0, 64)}`);
  const isUnfinished = state === 'running' || state === 'unwinding';
  const of = { server, state, kind, since, unfinished: isUnfinished ? 1 : undefined };
  const isNarrow = server !== undefined || isUnfinished;
  const before = last?.number;
  const found = isNarrow
    ? await list(session, { ...of, from: undefined, before, limit })
    : await listInParts(session, of, { before, limit });
  return found.map(operationOf);
}

/** Reads all rows, newest first, until there are enough. Other requests are served between the parts. */
async function listInParts(
  session: Session,
  of: Omit<Listed, 'from' | 'before' | 'limit'>,
  { before: end, limit }: Pick<Listed, 'before' | 'limit'>,
): Promise<Row[]> {
  const found: Row[] = [];
  let before = end ?? Number((await newest(session, {}))[0]?.number ?? 0) + 1;
  while (before > 0 && found.length < limit) {
    const from = before - ROWS_AT_ONCE;
    found.push(...(await list(session, { ...of, from, before, limit: limit - found.length })));
    before = from;
    await immediate();
  }
  return found;
}

async function saveOperation(session: Session, operation: Operation): Promise<Operation> {
  const { id, owner, generation, state, unfinished, version, ...row } = rowOf(operation);
  const { step_name, input, outputs, not_undone, failure, updated_at } = row;
  const moving = { id, state, unfinished, version, step_name, input, outputs, not_undone, failure };
  const [saved] = await save(session, { ...moving, updated_at, owner, generation });
  if (saved === undefined) throw await movedByAnother(session, operation);
  return {
    ...operation,
    cancelled: saved.cancelled === 1,
    cancelRequestId: saved.cancel_request_id as RequestId | null,
    leaseUntil: saved.lease_until,
    generation: generation + 1,
  };
}

async function letGoOf(session: Session, operation: Operation, why: string): Promise<void> {
  const { id, owner, generation } = operation;
  const [left] = await letGo(session, { id, owner, generation, nobody: '', over: 0, why });
  if (left === undefined) throw await movedByAnother(session, operation);
}

async function movedByAnother(session: Session, { id, owner, generation }: Operation): Promise<Failure> {
  const [stored] = await find(session, { id });
  if (stored === undefined) return new Failure('not-found', `Operation ${id} could not be found.`);
  return new Failure('conflict', `Operation ${id} was moved by another replica.`, {
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
    version: operation.version,
    step_name: operation.step,
    input: JSON.stringify(operation.input),
    outputs: JSON.stringify(operation.outputs),
    not_undone: JSON.stringify(operation.notUndone),
    not_understood: operation.notUnderstood,
    failure: operation.failure === null ? null : JSON.stringify(operation.failure),
    cancelled: operation.cancelled ? 1 : 0,
    cancel_request_id: operation.cancelRequestId,
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
    version: row.version,
    step: row.step_name,
    input: JSON.parse(row.input) as Operation['input'],
    outputs: JSON.parse(row.outputs) as Operation['outputs'],
    notUndone: JSON.parse(row.not_undone) as Operation['notUndone'],
    notUnderstood: row.not_understood,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as Operation['failure']),
    cancelled: row.cancelled === 1,
    cancelRequestId: row.cancel_request_id as RequestId | null,
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
  const { operationId, ...rest } = line;
  return { operation_id: operationId, ...rest };
}

function lineOf(row: Selectable<OperationLogTable>): OperationLogLine {
  return {
    operationId: row.operation_id as OperationId,
    step: row.step,
    event: row.event as OperationLogLine['event'],
    tries: row.tries,
    detail: row.detail,
    at: row.at,
  };
}
