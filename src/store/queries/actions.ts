import type { Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { ProjectId, RequestId, ServerId, UserId } from '../../model/ids.ts';
import type { InstanceAction, InstanceActionEvent } from '../../model/operation.ts';
import type { ActionQueries } from '../promise/operations.ts';
import { lockRows } from '../sql/lock-rows.ts';
import { comesAfter, markerNotFound, type OrderPart, orderBy } from '../sql/paging.ts';
import type { InstanceActionsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<InstanceActionsTable>;

const insert = statement((dialect, row: Omit<Row, 'number'>) =>
  dialect.db
    .insertInto('instance_actions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['server_id', 'request_id']).doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { server: string; request: string }) =>
  lockRows(
    dialect,
    dialect.db
      .selectFrom('instance_actions')
      .selectAll()
      .where('server_id', '=', of.server)
      .where('request_id', '=', of.request),
  ),
);

const update = statement(
  (dialect, of: { number: number; updatedAt: number; message: string | null; events: string }) =>
    dialect.db
      .updateTable('instance_actions')
      .set({ updated_at: of.updatedAt, message: of.message, events: of.events })
      .where('number', '=', of.number),
);

const NEWEST_FIRST: readonly OrderPart[] = [
  { column: 'started_at', nullable: false, direction: 'desc' },
  { column: 'number', nullable: false, direction: 'desc' },
];

interface Arguments {
  server: string;
  limit: number;
  after: readonly unknown[] | undefined;
  changedSince: number | undefined;
  changedBefore: number | undefined;
}
const list = statement((dialect, of: Arguments) => {
  let query = dialect.db.selectFrom('instance_actions').selectAll().where('server_id', '=', of.server);
  if (of.changedSince !== undefined) query = query.where('updated_at', '>=', of.changedSince);
  if (of.changedBefore !== undefined) query = query.where('updated_at', '<=', of.changedBefore);
  if (of.after !== undefined)
    query = query.where(comesAfter(NEWEST_FIRST, { values: of.after, empty: [] }, 'instance_actions'));
  for (const part of orderBy(NEWEST_FIRST, 'instance_actions')) query = query.orderBy(part);
  return query.limit(of.limit);
});

/** Queries of one session: instance actions. */
export function actionQueries(session: Session): ActionQueries {
  return {
    begin: (action) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(action));
        if (inserted === undefined)
          throw new Failure(
            'conflict',
            `Action for request_id ${action.requestId} on instance ${action.serverId} exists already.`,
          );
      }),
    finish: (of, event) => session.lockingTransaction((tx) => finish(tx, of, event)),
    async list(server, { limit, marker, changedSince, changedBefore }) {
      const after = marker === undefined ? undefined : await placeOf(session, server, marker);
      return (await list(session, { server, limit, after, changedSince, changedBefore })).map(actionOf);
    },
    async find(server, request) {
      const [row] = await find(session, { server, request });
      return row && actionOf(row);
    },
  };
}

async function placeOf(session: Session, server: ServerId, marker: string): Promise<unknown[]> {
  const [row] = await find(session, { server, request: marker });
  if (row === undefined) throw markerNotFound(marker);
  return [row.started_at, row.number];
}

/** Finishes the newest unfinished event. A finished event stays unchanged. */
async function finish(
  session: Session,
  { serverId, requestId }: Parameters<ActionQueries['finish']>[0],
  { at, ...outcome }: Parameters<ActionQueries['finish']>[1],
): Promise<void> {
  const [row] = await find(session, { server: serverId, request: requestId });
  if (row === undefined)
    throw new Failure(
      'not-found',
      `Action for request_id ${requestId} on instance ${serverId} could not be found.`,
    );
  const events = JSON.parse(row.events) as InstanceActionEvent[];
  const open = events.findLastIndex((event) => event.finishedAt === null);
  if (open === -1) return;
  const ended = events.map((event, index) =>
    index === open ? { ...event, ...outcome, finishedAt: at } : event,
  );
  await update(session, {
    number: row.number,
    updatedAt: at,
    message: outcome.result === 'Error' ? 'Error' : row.message,
    events: JSON.stringify(ended),
  });
}

function rowOf(action: InstanceAction): Omit<Row, 'number'> {
  return {
    server_id: action.serverId,
    request_id: action.requestId,
    action: action.action,
    project_id: action.projectId,
    user_id: action.userId,
    started_at: action.startedAt,
    updated_at: action.updatedAt,
    message: action.message,
    events: JSON.stringify(action.events),
  };
}

function actionOf(row: Row): InstanceAction {
  return {
    serverId: row.server_id as ServerId,
    action: row.action,
    requestId: row.request_id as RequestId,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    message: row.message,
    events: JSON.parse(row.events) as InstanceActionEvent[],
  };
}
