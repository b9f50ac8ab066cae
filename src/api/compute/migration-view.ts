import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import type { Migration, MigrationStatus } from '../../model/migration.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  integer,
  integerOrNull,
  links,
  listOf,
  object,
  optional,
  since,
  text,
  textOrNull,
  time,
} from '../http/shape.ts';
import { MAX_INT } from './field-schemas.ts';
import { linksOf } from './links.ts';
import { plainTime } from './times.ts';

/**
 * Statuses of a live migration that is shown below its server: it has begun and has not ended
 * (nova/api/openstack/compute/server_migrations.py ServerMigrationsController.show).
 */
export const IN_PROGRESS: readonly MigrationStatus[] = ['queued', 'preparing', 'running', 'post-migrating'];

/** Hosts by name, for the fields of hosts in a migration. */
export type HostsByName = ReadonlyMap<HostName, Pick<ComputeHost, 'hypervisorHostname' | 'hostIp'>>;

interface Viewing {
  readonly version: Microversion;
  readonly hosts: HostsByName;
}

/**
 * A migration in the list of all: type and links to a live migration in progress from 2.23, uuid from 2.59,
 * requester from 2.80.
 */
export function migrationView(migration: Migration, viewing: Viewing & { readonly base: string }) {
  const { serverId, type, status, number } = migration;
  const { version, base } = viewing;
  const linked = version >= 23 && type === 'live-migration' && IN_PROGRESS.includes(status);
  return {
    ...common(migration, viewing),
    instance_uuid: serverId,
    old_instance_type_id: flavorNumber(migration.oldFlavorId),
    new_instance_type_id: flavorNumber(migration.newFlavorId),
    ...(version >= 23 && { migration_type: type }),
    ...(linked && { links: linksOf(base, `servers/${serverId}/migrations`, String(number)) }),
  };
}

/** A live migration below its server, with its progress in bytes; uuid from 2.59, requester from 2.80. */
export function serverMigrationView(migration: Migration, viewing: Viewing) {
  const { serverId, progress } = migration;
  return {
    ...common(migration, viewing),
    server_uuid: serverId,
    memory_total_bytes: progress?.memoryTotal ?? null,
    memory_processed_bytes: progress?.memoryProcessed ?? null,
    memory_remaining_bytes: progress?.memoryRemaining ?? null,
    disk_total_bytes: progress?.diskTotal ?? null,
    disk_processed_bytes: progress?.diskProcessed ?? null,
    disk_remaining_bytes: progress?.diskRemaining ?? null,
  };
}

function common(migration: Migration, { version, hosts }: Viewing) {
  const { sourceHost, destHost } = migration;
  const source = sourceHost === null ? undefined : hosts.get(sourceHost);
  const dest = destHost === null ? undefined : hosts.get(destHost);
  return {
    id: migration.number,
    status: migration.status,
    source_compute: sourceHost,
    source_node: source?.hypervisorHostname ?? sourceHost,
    dest_compute: destHost,
    dest_node: dest?.hypervisorHostname ?? destHost,
    dest_host: dest?.hostIp ?? null,
    created_at: plainTime(migration.createdAt),
    updated_at: plainTime(migration.updatedAt),
    ...(version >= 59 && { uuid: migration.uuid }),
    ...(version >= 80 && { user_id: migration.userId, project_id: migration.projectId }),
  };
}

/**
 * Nova shows its database's number of a flavor, which Nameplate does not have. A flavor id that is a number
 * is shown instead.
 */
function flavorNumber(id: string): number | null {
  return /^\d+$/.test(id) && Number(id) <= MAX_INT ? Number(id) : null;
}

const commonFields = {
  id: integer,
  status: text,
  source_compute: textOrNull,
  source_node: textOrNull,
  dest_compute: textOrNull,
  dest_node: textOrNull,
  dest_host: textOrNull,
  created_at: time,
  updated_at: time,
  uuid: since(59, text),
  user_id: since(80, textOrNull),
  project_id: since(80, textOrNull),
};
const migrationShape = object(
  {
    ...commonFields,
    instance_uuid: text,
    old_instance_type_id: integerOrNull,
    new_instance_type_id: integerOrNull,
    migration_type: since(23, text),
    links: optional(since(23, links)),
  },
  'Migration',
);
const serverMigrationShape = object(
  {
    ...commonFields,
    server_uuid: text,
    memory_total_bytes: integerOrNull,
    memory_processed_bytes: integerOrNull,
    memory_remaining_bytes: integerOrNull,
    disk_total_bytes: integerOrNull,
    disk_processed_bytes: integerOrNull,
    disk_remaining_bytes: integerOrNull,
  },
  'ServerMigration',
);

export const migrationList = object({
  migrations: listOf(migrationShape),
  migrations_links: optional(links),
});
export const oneServerMigration = object({ migration: serverMigrationShape });
export const serverMigrations = object({ migrations: listOf(serverMigrationShape) });
