import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PurgedTable } from '../promise/purge.ts';
import type { NetworkSchema } from '../sql/network-schema.ts';

/** Which rows of a table may be purged, and how a purge goes through the table. */
export interface PurgeRule {
  /** The key by which a purge goes through the table and removes rows. */
  readonly key: string;
  /**
   * The creation time, if the key is a number that increases with it: a purge then stops at the first young
   * row.
   */
  readonly created?: string;
  /** @param before a time as a parameter of the query */
  readonly mayGo: (before: number) => RawBuilder<SqlBool>;
}

/** nova/objects/migration.py Migration: the final statuses. */
const ENDED_MIGRATION = sql`('confirmed', 'reverted', 'completed', 'cancelled', 'failed', 'error', 'done')`;
/**
 * The newest actions and migrations of an existing server that stay, so that its history remains readable.
 */
const KEPT_OF_A_SERVER = 100;

/** The row's server is deleted or purged. */
const serverIsGone = (table: string) =>
  sql<SqlBool>`not exists (select 1 from servers as s where s.id = ${sql.ref(`${table}.server_id`)} and s.deleted = 0)`;

/** The row is older than the newest {@link KEPT_OF_A_SERVER} of its server. */
const isSurplus = (table: string, column: string) =>
  sql<SqlBool>`${sql.ref(`${table}.${column}`)} < (
    select ${sql.ref(`kept.${column}`)} from ${sql.table(table)} as kept
    where kept.server_id = ${sql.ref(`${table}.server_id`)}
    order by ${sql.ref(`kept.${column}`)} desc limit 1 offset ${sql.lit(KEPT_OF_A_SERVER - 1)})`;

const isGone = (table: string, column: string, noun: 'users' | 'projects') =>
  sql<SqlBool>`not exists (select 1 from ${sql.table(noun)} as n where n.id = ${sql.ref(`${table}.${column}`)})`;

/** No row of the tables is of the project. */
const hasNone = (project: string, tables: readonly (keyof NetworkSchema)[]) =>
  sql.join(
    tables.map(
      (table) =>
        sql`not exists (select 1 from ${sql.table(table)} as n where n.project_id = ${sql.ref(project)})`,
    ),
    sql` and `,
  );

export const PURGE_RULES: Readonly<Record<PurgedTable, PurgeRule>> = {
  tokens: {
    key: 'hash',
    mayGo: (before) => sql`tokens.expires_at < ${before}`,
  },
  operations: {
    key: 'number',
    created: 'created_at',
    mayGo: (before) => sql`operations.unfinished = 0 and operations.updated_at < ${before} and not exists (
      select 1 from server_migrations as m join servers as s on s.id = m.server_id and s.deleted = 0
      where m.operation_id = operations.id and m.status not in ${ENDED_MIGRATION})`,
  },
  server_migrations: {
    key: 'number',
    created: 'created_at',
    mayGo: (before) => sql`server_migrations.updated_at < ${before}
      and not exists (select 1 from operations as o where o.id = server_migrations.operation_id and o.unfinished = 1)
      and (${serverIsGone('server_migrations')}
        or server_migrations.status in ${ENDED_MIGRATION} and ${isSurplus('server_migrations', 'number')})`,
  },
  instance_actions: {
    key: 'number',
    created: 'started_at',
    mayGo: (before) => sql`instance_actions.updated_at < ${before}
      and not exists (select 1 from operations as o where o.server_id = instance_actions.server_id and o.unfinished = 1
        and o.request_id = instance_actions.request_id)
      and (${serverIsGone('instance_actions')} or ${isSurplus('instance_actions', 'started_at')})`,
  },
  servers: {
    key: 'number',
    created: 'created_at',
    mayGo: (before) => sql`servers.deleted = 1 and servers.updated_at < ${before}
      and not exists (select 1 from operations as o
        where o.server_id = servers.id and (o.unfinished = 1 or o.updated_at >= ${before}))
      and not exists (select 1 from server_migrations as m where m.server_id = servers.id and m.updated_at >= ${before})
      and not exists (select 1 from instance_actions as a where a.server_id = servers.id and a.updated_at >= ${before})`,
  },
  server_groups: {
    key: 'number',
    created: 'created_at',
    mayGo: (
      before,
    ) => sql`server_groups.created_at < ${before} and ${isGone('server_groups', 'project_id', 'projects')}
      and not exists (select 1 from servers as s where s.group_id = server_groups.id and s.deleted = 0)`,
  },
  keypairs: {
    key: 'number',
    created: 'created_at',
    mayGo: (before) => sql`keypairs.created_at < ${before} and ${isGone('keypairs', 'user_id', 'users')}`,
  },
  quota_limits: {
    key: 'project_id',
    // The limits of the class `default` are stored under `class:default`, which no project's id can be.
    mayGo: () =>
      sql`quota_limits.project_id not like 'class:%' and ${isGone('quota_limits', 'project_id', 'projects')}`,
  },
  server_usage: {
    key: 'holder',
    mayGo: () =>
      sql`server_usage.instances = 0 and server_usage.cores = 0 and server_usage.ram_mb = 0 and server_usage.disk_gb = 0`,
  },
  security_groups: {
    key: 'id',
    mayGo: (
      before,
    ) => sql`security_groups.created_at < ${before} and ${isGone('security_groups', 'project_id', 'projects')}
      and not exists (select 1 from port_security_groups as p where p.group_id = security_groups.id)
      and not exists (select 1 from security_group_rules as r
        where r.remote_group_id = security_groups.id and r.group_id <> security_groups.id)`,
  },
  network_usage: {
    key: 'project_id',
    mayGo: () =>
      sql`network_usage.used = 0 or ${isGone('network_usage', 'project_id', 'projects')} and ${hasNone(
        'network_usage.project_id',
        ['networks', 'subnets', 'ports', 'security_groups', 'security_group_rules'],
      )}`,
  },
  network_tags: {
    key: 'resource_id',
    mayGo: () =>
      sql.join(
        (['networks', 'subnets', 'ports', 'security_groups'] as const).map(
          (noun) =>
            sql`not exists (select 1 from ${sql.table(noun)} as n where n.id = network_tags.resource_id)`,
        ),
        sql` and `,
      ) as RawBuilder<SqlBool>,
  },
};
