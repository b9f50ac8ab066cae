import { type Compilable, sql } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { addColumns, table } from './tables.ts';

/**
 * Version 2: tables for clouds of many hosts: leases, host identities, aggregates, server groups,
 * migrations.
 */
export function manyHosts(dialect: StoreDialect): Compilable[] {
  return [...dialect.functions, ...wider(dialect), ...hosts(dialect), ...groups(dialect), ...moves(dialect)];
}

const LOCAL = sql<string>`'local'`;
const BOOTED = sql<string>`'booted'`;

function wider(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    ...addColumns(dialect, 'servers', { old_host: 'text?', group_id: 'text?' }),
    schema.createIndex('servers_of_group').on('servers').columns(['group_id', 'deleted']),
    ...addColumns(dialect, 'serial_records', { effect: ['text', BOOTED] }),
    ...addColumns(dialect, 'operations', {
      owner: ['text', LOCAL],
      lease_until: ['long', sql`0`],
      generation: ['integer', sql`1`],
    }),
    schema.createIndex('operations_leases').on('operations').columns(['unfinished', 'lease_until']),
    ...addColumns(dialect, 'compute_hosts', { machine_id: 'text?', hardware_uuid: 'text?' }),
    schema.createIndex('compute_hosts_machine_id').on('compute_hosts').columns(['machine_id']),
    schema.createIndex('compute_hosts_hardware_uuid').on('compute_hosts').columns(['hardware_uuid']),
  ];
}

function hosts(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    table(dialect, 'aggregates', {
      number: 'counted',
      uuid: 'text',
      generation: 'integer',
      name: 'text',
      created_at: 'long',
      updated_at: 'long?',
      body: 'text',
    }).addUniqueConstraint('aggregates_name', ['name']),
    table(dialect, 'aggregate_hosts', { aggregate: 'long', host: 'text' })
      .addPrimaryKeyConstraint('aggregate_hosts_key', ['aggregate', 'host'])
      .addForeignKeyConstraint('aggregate_hosts_of', ['aggregate'], 'aggregates', ['number'], (fk) =>
        fk.onDelete('cascade'),
      ),
    schema.createIndex('aggregate_hosts_by_host').on('aggregate_hosts').columns(['host']),
  ];
}

function groups(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'server_groups', {
      number: 'counted',
      id: 'text',
      project_id: 'text',
      user_id: 'text',
      name: 'text',
      policy: 'text',
      max_server_per_host: 'integer?',
      created_at: 'long',
    }).addUniqueConstraint('server_groups_id', ['id']),
    dialect.db.schema
      .createIndex('server_groups_of_project')
      .on('server_groups')
      .columns(['project_id', 'number']),
  ];
}

function moves(dialect: StoreDialect): Compilable[] {
  const index = (name: string, columns: string[]) =>
    dialect.db.schema.createIndex(name).on('server_migrations').columns(columns);
  return [
    table(dialect, 'server_migrations', {
      number: 'counted',
      uuid: 'text',
      server_id: 'text',
      operation_id: 'text',
      type: 'text',
      status: 'text',
      source_host: 'text?',
      dest_host: 'text?',
      old_flavor_id: 'text',
      new_flavor_id: 'text',
      project_id: 'text',
      user_id: 'text',
      progress: 'text?',
      created_at: 'long',
      updated_at: 'long',
    }).addUniqueConstraint('server_migrations_uuid', ['uuid']),
    index('server_migrations_of_server', ['server_id', 'number']),
    index('server_migrations_of_operation', ['operation_id']),
    index('server_migrations_from', ['source_host', 'number']),
    index('server_migrations_to', ['dest_host', 'number']),
    index('server_migrations_newest', ['created_at', 'number']),
  ];
}
