import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { HostName, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { GroupPolicy, ServerGroup } from '../../model/server-group.ts';
import type { GroupMember, GroupQueries } from '../promise/groups.ts';
import { markerNotFound } from '../sql/paging.ts';
import type { ServerGroupsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<ServerGroupsTable>;

const insert = statement((dialect, row: Insertable<ServerGroupsTable>) =>
  dialect.db
    .insertInto('server_groups')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('server_groups').selectAll().where('id', '=', of.id),
);

interface Arguments {
  projectId: string | undefined;
  after: number | undefined;
  limit: number;
  offset: number;
}
const list = statement((dialect, { projectId, after, limit, offset }: Arguments) => {
  let query = dialect.db.selectFrom('server_groups').selectAll();
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  if (after !== undefined) query = query.where('number', '>', after);
  return query.orderBy('number').limit(limit).offset(offset);
});

const count = statement((dialect, of: { project: string }) =>
  dialect.db
    .selectFrom('server_groups')
    .select((eb) => eb.fn.countAll<number>().as('groups'))
    .where('project_id', '=', of.project),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('server_groups').where('id', '=', of.id).returning('number'),
);

const members = statement((dialect, of: { group: string; deleted: number }) =>
  dialect.db
    .selectFrom('servers')
    .select(['id', 'host', 'project_id', 'user_id'])
    .where('group_id', '=', of.group)
    .where('deleted', '=', of.deleted)
    .orderBy('number'),
);

const countMembers = statement((dialect, of: { group: string; deleted: number }) =>
  dialect.db
    .selectFrom('servers')
    .select((eb) => eb.fn.countAll<number>().as('members'))
    .where('group_id', '=', of.group)
    .where('deleted', '=', of.deleted),
);

/** Queries of one session: server groups. */
export function groupQueries(session: Session): GroupQueries {
  return {
    insert: (group) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(group));
        if (inserted === undefined)
          throw new Failure('conflict', `Instance group ${group.id} already exists.`);
      }),
    async find(id) {
      const [row] = await find(session, { id });
      return row && groupOf(row);
    },
    async list({ projectId }, { limit, marker, offset = 0 }) {
      const after = marker === undefined ? undefined : await placeOf(session, marker);
      return (await list(session, { projectId, after, limit, offset })).map(groupOf);
    },
    delete: (id) => session.transaction(async (tx) => (await remove(tx, { id })).length > 0),
    async count(project) {
      const [row] = await count(session, { project });
      return Number(row?.groups ?? 0);
    },
    async members(id) {
      return (await members(session, { group: id, deleted: 0 })).map(memberOf);
    },
    async countMembers(id) {
      const [row] = await countMembers(session, { group: id, deleted: 0 });
      return Number(row?.members ?? 0);
    },
  };
}

async function placeOf(session: Session, marker: string): Promise<number> {
  const [row] = await find(session, { id: marker });
  if (row === undefined) throw markerNotFound(marker);
  return row.number;
}

function rowOf(group: ServerGroup): Insertable<ServerGroupsTable> {
  return {
    id: group.id,
    project_id: group.projectId,
    user_id: group.userId,
    name: group.name,
    policy: group.policy,
    max_server_per_host: group.maxServerPerHost,
    created_at: group.createdAt,
  };
}

function groupOf(row: Row): ServerGroup {
  return {
    id: row.id,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
    name: row.name,
    policy: row.policy as GroupPolicy,
    maxServerPerHost: row.max_server_per_host,
    createdAt: row.created_at,
  };
}

function memberOf(row: {
  id: string;
  host: string | null;
  project_id: string;
  user_id: string;
}): GroupMember {
  return {
    id: row.id as ServerId,
    host: row.host as HostName | null,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
  };
}
