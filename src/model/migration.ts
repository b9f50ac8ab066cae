import type { FlavorId, HostName, OperationId, ProjectId, ServerId, UserId } from './ids.ts';

export type MigrationType = 'resize' | 'migration' | 'live-migration' | 'evacuation';

/**
 * nova/objects/migration.py Migration: accepted → … → completed, finished, confirmed, reverted, cancelled,
 * failed, error, done
 */
export type MigrationStatus =
  | 'accepted'
  | 'queued'
  | 'preparing'
  | 'pre-migrating'
  | 'migrating'
  | 'running'
  | 'post-migrating'
  | 'finished'
  | 'confirming'
  | 'confirmed'
  | 'reverting'
  | 'reverted'
  | 'completed'
  | 'cancelled'
  | 'failed'
  | 'error'
  | 'done';

/** The progress of a live migration in bytes, from libvirt's job statistics. */
export interface LiveProgress {
  readonly memoryTotal: number;
  readonly memoryProcessed: number;
  readonly memoryRemaining: number;
  readonly diskTotal: number;
  readonly diskProcessed: number;
  readonly diskRemaining: number;
}

/** One move of a server, as `os-migrations` shows it. Times are epoch milliseconds. */
export interface Migration {
  /** The id in the API. */
  readonly number: number;
  readonly uuid: string;
  readonly serverId: ServerId;
  readonly operationId: OperationId;
  readonly type: MigrationType;
  readonly status: MigrationStatus;
  readonly sourceHost: HostName | null;
  readonly destHost: HostName | null;
  readonly oldFlavorId: FlavorId;
  readonly newFlavorId: FlavorId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  /** The last progress that the control plane read. */
  readonly progress: LiveProgress | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
