import type { Generated } from 'kysely';
import type { NetworkSchema } from './network-schema.ts';

/**
 * The tables. Every field that queries filter or sort by has a column; the other fields are JSON text in
 * `body`. Times are epoch milliseconds, booleans 0 or 1, and units are as in `model/`.
 */
export interface Schema extends NetworkSchema {
  nameplate_schema: { version: number };
  servers: ServersTable;
  server_tags: { server_id: string; tag: string };
  server_usage: ServerUsageTable;
  operations: OperationsTable;
  operation_log: OperationLogTable;
  instance_actions: InstanceActionsTable;
  serial_records: SerialRecordsTable;
  compute_hosts: ComputeHostsTable;
  aggregates: AggregatesTable;
  aggregate_hosts: { aggregate: number; host: string };
  server_groups: ServerGroupsTable;
  server_migrations: ServerMigrationsTable;
  flavors: FlavorsTable;
  flavor_access: { flavor_id: string; project_id: string };
  images: ImagesTable;
  image_tags: { image_id: string; tag: string };
  image_properties: { image_id: string; name: string; value: string };
  image_members: ImageMembersTable;
  keypairs: KeypairsTable;
  domains: IdentityTable;
  projects: IdentityTable;
  users: IdentityTable;
  roles: IdentityTable;
  assignments: { user_id: string; project_id: string; role_id: string };
  tokens: TokensTable;
  failed_logins: { user_id: string; count: number; last_at: number };
  secrets: { name: string; value: string };
  retired_ids: RetiredIdsTable;
  identity_claims: IdentityClaimsTable;
  chores: { name: string; owner: string; until: number };
  quota_limits: { project_id: string; resource: string; value: number };
}

export interface ServersTable {
  number: Generated<number>;
  id: string;
  generation: number;
  /** 1 once vmState is `deleted` */
  deleted: number;
  project_id: string;
  user_id: string;
  name: string;
  hostname: string;
  description: string | null;
  vm_state: string;
  task_state: string | null;
  /** Nova's number of the power state */
  power_state: number;
  host: string | null;
  availability_zone: string | null;
  flavor_id: string;
  image_id: string;
  key_name: string | null;
  config_drive: number;
  locked: number;
  reservation_id: string;
  launch_index: number;
  progress: number;
  created_at: number;
  updated_at: number;
  launched_at: number | null;
  terminated_at: number | null;
  old_host: string | null;
  group_id: string | null;
  body: string;
}

/** Sums over all servers that are not deleted, updated in the transaction that changes a server. */
export interface ServerUsageTable {
  scope: 'project' | 'host';
  /** The project's id or the host's name. */
  holder: string;
  instances: number;
  cores: number;
  ram_mb: number;
  disk_gb: number;
}

export interface OperationsTable {
  number: Generated<number>;
  id: string;
  kind: string;
  server_id: string;
  state: string;
  /** 0 when the operation has ended */
  unfinished: number;
  version: number;
  /** null: no step is left */
  step_name: string | null;
  input: string;
  outputs: string;
  not_undone: string;
  not_understood: string | null;
  failure: string | null;
  cancelled: number;
  cancel_request_id: string | null;
  request_id: string;
  project_id: string;
  user_id: string;
  created_at: number;
  updated_at: number;
  owner: string;
  lease_until: number;
  generation: number;
}

export interface OperationLogTable {
  number: Generated<number>;
  operation_id: string;
  step: string;
  event: string;
  tries: number;
  detail: string | null;
  at: number;
}

export interface InstanceActionsTable {
  number: Generated<number>;
  server_id: string;
  request_id: string;
  action: string;
  project_id: string;
  user_id: string;
  started_at: number;
  updated_at: number;
  message: string | null;
  events: string;
}

export interface SerialRecordsTable {
  number: Generated<number>;
  server_id: string;
  serial: string | null;
  source: string;
  because: string;
  overruled: string;
  host: string;
  operation_id: string;
  operation: string;
  effect: string;
  at: number;
}

export interface ComputeHostsTable {
  number: Generated<number>;
  name: string;
  hypervisor_id: string;
  service_id: string;
  status: string;
  disabled_reason: string | null;
  forced_down: number;
  last_seen_at: number;
  /** Normalized for comparison: trimmed, lower case; null where the file was not read */
  machine_id: string | null;
  hardware_uuid: string | null;
  body: string;
}

export interface AggregatesTable {
  number: Generated<number>;
  uuid: string;
  generation: number;
  name: string;
  created_at: number;
  updated_at: number | null;
  body: string;
}

export interface ServerGroupsTable {
  number: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  name: string;
  policy: string;
  max_server_per_host: number | null;
  created_at: number;
}

export interface ServerMigrationsTable {
  number: Generated<number>;
  uuid: string;
  server_id: string;
  operation_id: string;
  type: string;
  status: string;
  source_host: string | null;
  dest_host: string | null;
  old_flavor_id: string;
  new_flavor_id: string;
  project_id: string;
  user_id: string;
  progress: string | null;
  created_at: number;
  updated_at: number;
}

export interface FlavorsTable {
  id: string;
  generation: number;
  name: string;
  vcpus: number;
  ram_mb: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  rxtx_factor: number;
  is_public: number;
  disabled: number;
  created_at: number;
  body: string;
}

export interface ImagesTable {
  id: string;
  generation: number;
  name: string | null;
  owner: string;
  status: string;
  visibility: string;
  protected: number;
  hidden: number;
  disk_format: string | null;
  container_format: string | null;
  min_disk: number;
  min_ram: number;
  size: number | null;
  created_at: number;
  updated_at: number;
  data: string | null;
  upload: string | null;
  body: string;
}

export interface ImageMembersTable {
  image_id: string;
  member_id: string;
  status: string;
  created_at: number;
  updated_at: number;
}

export interface KeypairsTable {
  number: Generated<number>;
  user_id: string;
  name: string;
  type: string;
  public_key: string;
  fingerprint: string;
  created_at: number;
}

export interface TokensTable {
  hash: string;
  user_id: string;
  project_id: string | null;
  methods: string;
  audit_ids: string;
  issued_at: number;
  expires_at: number;
}

/** Values that servers were imported with. */
export interface IdentityClaimsTable {
  kind: string;
  value: string;
  server_id: string;
}

/** Ids of deleted images and purged servers, which must not be used again. */
export interface RetiredIdsTable {
  kind: 'image' | 'server';
  id: string;
  at: number;
}

/** Domains, projects, users and roles: their tables have the same columns. */
export interface IdentityTable {
  id: string;
  name: string;
  /** Empty for a domain and for a role without a domain, so that their names are unique too. */
  domain_id: string;
  /** 1 for a role */
  enabled: number;
  body: string;
}
