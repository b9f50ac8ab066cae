import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Operations with their logs, instance actions, and compute hosts. */
export function operationTables(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    operations(dialect),
    schema.createIndex('operations_unfinished').on('operations').columns(['unfinished', 'created_at']),
    schema.createIndex('operations_of_server').on('operations').columns(['server_id', 'unfinished']),
    table(dialect, 'operation_log', {
      number: 'counted',
      operation_id: 'text',
      step: 'text',
      event: 'text',
      detail: 'text?',
      at: 'long',
    }),
    schema.createIndex('operation_log_of').on('operation_log').columns(['operation_id', 'number']),
    instanceActions(dialect),
    schema
      .createIndex('instance_actions_of_server')
      .on('instance_actions')
      .columns(['server_id', 'started_at', 'number']),
    table(dialect, 'compute_hosts', {
      number: 'counted',
      name: 'text',
      hypervisor_id: 'text',
      service_id: 'text',
      status: 'text',
      disabled_reason: 'text?',
      forced_down: 'integer',
      last_seen_at: 'long',
      body: 'text',
    }).addUniqueConstraint('compute_hosts_name', ['name']),
  ];
}

function operations(dialect: StoreDialect): Compilable {
  return table(dialect, 'operations', {
    number: 'counted',
    id: 'text',
    kind: 'text',
    server_id: 'text',
    state: 'text',
    unfinished: 'integer',
    step: 'integer',
    input: 'text',
    notes: 'text',
    failure: 'text?',
    cancelled: 'integer',
    request_id: 'text',
    project_id: 'text',
    user_id: 'text',
    created_at: 'long',
    updated_at: 'long',
  }).addUniqueConstraint('operations_id', ['id']);
}

function instanceActions(dialect: StoreDialect): Compilable {
  return table(dialect, 'instance_actions', {
    number: 'counted',
    server_id: 'text',
    request_id: 'text',
    action: 'text',
    project_id: 'text',
    user_id: 'text',
    started_at: 'long',
    updated_at: 'long',
    message: 'text?',
    events: 'text',
  }).addUniqueConstraint('instance_actions_request', ['server_id', 'request_id']);
}
