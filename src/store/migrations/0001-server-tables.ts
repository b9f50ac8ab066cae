import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Servers, their usage, and their serial records. */
export function serverTables(dialect: StoreDialect): Compilable[] {
  const { db } = dialect;
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('servers').columns(columns);
  return [
    servers(dialect),
    // These two hold all that a page of ids and generations needs: the usual lists read the index only.
    index('servers_of_project', ['project_id', 'deleted', 'created_at', 'number', 'id', 'generation']),
    index('servers_of_all', ['deleted', 'created_at', 'number', 'id', 'generation']),
    index('servers_on_host', ['host', 'deleted']),
    index('servers_updated', ['updated_at']),
    table(dialect, 'server_tags', { server_id: 'text', tag: 'text' }).addPrimaryKeyConstraint(
      'server_tags_key',
      ['server_id', 'tag'],
    ),
    table(dialect, 'server_usage', {
      scope: 'text',
      holder: 'text',
      instances: 'long',
      cores: 'long',
      ram_mb: 'long',
      disk_gb: 'long',
    }).addPrimaryKeyConstraint('server_usage_key', ['scope', 'holder']),
    serialRecords(dialect),
    db.schema.createIndex('serial_records_of_server').on('serial_records').columns(['server_id', 'number']),
    db.schema.createIndex('serial_records_by_serial').on('serial_records').columns(['serial']),
  ];
}

function servers(dialect: StoreDialect): Compilable {
  return table(dialect, 'servers', {
    number: 'counted',
    id: 'text',
    generation: 'integer',
    deleted: 'integer',
    project_id: 'text',
    user_id: 'text',
    name: 'text',
    hostname: 'text',
    description: 'text?',
    vm_state: 'text',
    task_state: 'text?',
    power_state: 'integer',
    host: 'text?',
    availability_zone: 'text?',
    flavor_id: 'text',
    image_id: 'text',
    key_name: 'text?',
    config_drive: 'integer',
    locked: 'integer',
    reservation_id: 'text',
    launch_index: 'integer',
    progress: 'integer',
    created_at: 'long',
    updated_at: 'long',
    launched_at: 'long?',
    terminated_at: 'long?',
    body: 'text',
  }).addUniqueConstraint('servers_id', ['id']);
}

function serialRecords(dialect: StoreDialect): Compilable {
  return table(dialect, 'serial_records', {
    number: 'counted',
    server_id: 'text',
    serial: 'text?',
    source: 'text',
    because: 'text',
    overruled: 'text',
    host: 'text',
    operation_id: 'text',
    operation: 'text',
    at: 'long',
  });
}
