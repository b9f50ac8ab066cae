import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { FlavorId, HostName, OperationId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { Migration, MigrationStatus, MigrationType } from '../../model/migration.ts';
import type { MigrationFilter, MigrationQueries } from '../promise/migrations.ts';
import type { Page } from '../promise/page.ts';
import { comesAfter, markerNotFound, type OrderPart, orderBy } from '../sql/paging.ts';
import type { ServerMigrationsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<ServerMigrationsTable>;

const insert = statement((dialect, row: Insertable<ServerMigrationsTable>) =>
  dialect.db
    .insertInto('server_migrations')
    .values(row)
    .onConflict((conflict) => conflict.column('uuid').doNothing())
    .returning('number'),
);

const KEYS = ['number', 'uuid', 'operation_id'] as const;
const find = statement((dialect, { value }: { value: string | number }, key: (typeof KEYS)[number]) =>
  dialect.db.selectFrom('server_migrations').selectAll().where(key, '=', value),
);

type Changing = Pick<Row, 'status' | 'dest_host' | 'progress' | 'updated_at'>;
const update = statement((dialect, { number, ...columns }: Pick<Row, 'number'> & Partial<Changing>) =>
  dialect.db.updateTable('server_migrations').set(columns).where('number', '=', number).returningAll(),
);

const NEWEST_FIRST: readonly OrderPart[] = [
  { column: 'created_at', nullable: false, direction: 'desc' },
  { column: 'number', nullable: false, direction: 'desc' },
];

/** Columns that must be equal to the filter value of the same meaning. */
const EQUAL = [
  ['server_id', 'serverId'],
  ['source_host', 'sourceHost'],
  ['dest_host', 'destHost'],
  ['status', 'status'],
  ['type', 'type'],
  ['user_id', 'userId'],
  ['project_id', 'projectId'],
] as const satisfies readonly (readonly [keyof Row, keyof MigrationFilter])[];

type Arguments = Omit<MigrationFilter, 'hidden'> & {
  readonly limit: number;
  readonly after: readonly unknown[] | undefined;
};
const list = statement((dialect, of: Arguments) => {
  let query = dialect.db.selectFrom('server_migrations').selectAll();
  for (const [column, name] of EQUAL) {
    const value = of[name];
    if (value !== undefined) query = query.where(column, '=', value);
  }
  const { host, statuses, changedSince, changedBefore, after } = of;
  if (host !== undefined)
    query = query.where((eb) => eb.or([eb('source_host', '=', host), eb('dest_host', '=', host)]));
  if (statuses !== undefined)
    query = query.where((eb) => (statuses.length === 0 ? eb.lit(false) : eb('status', 'in', statuses)));
  if (changedSince !== undefined) query = query.where('updated_at', '>=', changedSince);
  if (changedBefore !== undefined) query = query.where('updated_at', '<=', changedBefore);
  if (after !== undefined)
    query = query.where(comesAfter(NEWEST_FIRST, { values: after, empty: [] }, 'server_migrations'));
  for (const part of orderBy(NEWEST_FIRST, 'server_migrations')) query = query.orderBy(part);
  return query.limit(of.limit);
});

/** Queries of one session: migrations of servers. */
export function migrationQueries(session: Session): MigrationQueries {
  const findBy = async (key: (typeof KEYS)[number], value: string | number) => {
    const [row] = await find(session, { value }, key);
    return row && migrationOf(row);
  };
  return {
    insert: (migration) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(migration));
        if (inserted === undefined)
          throw new Failure('conflict', `Migration ${migration.uuid} exists already.`);
        return { ...migration, number: inserted.number };
      }),
    find: (number) => findBy('number', number),
    findByUuid: (uuid) => findBy('uuid', uuid),
    ofOperation: (operation) => findBy('operation_id', operation),
    list: (filter, page) => listMigrations(session, filter, page),
    update: (number, patch) =>
      session.transaction(async (tx) => {
        const [row] = await update(tx, { number, ...changes(patch) });
        // nova/exception.py MigrationNotFound
        if (row === undefined) throw new Failure('not-found', `Migration ${number} could not be found.`);
        return migrationOf(row);
      }),
  };
}

async function listMigrations(
  session: Session,
  { hidden, ...filter }: MigrationFilter,
  { limit, marker }: Page,
): Promise<Migration[]> {
  if (hidden === true) return [];
  let after: readonly unknown[] | undefined;
  if (marker !== undefined) {
    const [row] = await find(session, { value: marker }, 'uuid');
    if (row === undefined) throw markerNotFound(marker);
    after = [row.created_at, row.number];
  }
  return (await list(session, { ...filter, limit, after })).map(migrationOf);
}

function changes(patch: Parameters<MigrationQueries['update']>[1]): Partial<Changing> {
  const { status, destHost, progress, updatedAt } = patch;
  return {
    ...(status !== undefined && { status }),
    ...(destHost !== undefined && { dest_host: destHost }),
    ...(progress !== undefined && { progress: progress && JSON.stringify(progress) }),
    updated_at: updatedAt,
  };
}

function rowOf(migration: Omit<Migration, 'number'>): Insertable<ServerMigrationsTable> {
  return {
    uuid: migration.uuid,
    server_id: migration.serverId,
    operation_id: migration.operationId,
    type: migration.type,
    status: migration.status,
    source_host: migration.sourceHost,
    dest_host: migration.destHost,
    old_flavor_id: migration.oldFlavorId,
    new_flavor_id: migration.newFlavorId,
    project_id: migration.projectId,
    user_id: migration.userId,
    progress: migration.progress && JSON.stringify(migration.progress),
    created_at: migration.createdAt,
    updated_at: migration.updatedAt,
  };
}

function migrationOf(row: Row): Migration {
  return {
    number: row.number,
    uuid: row.uuid,
    serverId: row.server_id as ServerId,
    operationId: row.operation_id as OperationId,
    type: row.type as MigrationType,
    status: row.status as MigrationStatus,
    sourceHost: row.source_host as HostName | null,
    destHost: row.dest_host as HostName | null,
    oldFlavorId: row.old_flavor_id as FlavorId,
    newFlavorId: row.new_flavor_id as FlavorId,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
    progress: row.progress === null ? null : (JSON.parse(row.progress) as Migration['progress']),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
