import type { HostName, OperationId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { Migration, MigrationStatus, MigrationType } from '../../model/migration.ts';
import type { Page } from './page.ts';

/** What a list of migrations may be narrowed by; all that are given must hold. */
export interface MigrationFilter {
  readonly serverId?: ServerId;
  /** On either side. */
  readonly host?: HostName;
  readonly sourceHost?: HostName;
  readonly destHost?: HostName;
  readonly status?: string;
  readonly statuses?: readonly MigrationStatus[];
  readonly type?: MigrationType;
  readonly userId?: UserId;
  readonly projectId?: ProjectId;
  /** Epoch milliseconds: updated at or after. */
  readonly changedSince?: number;
  readonly changedBefore?: number;
  /** Nothing here hides a migration: true finds none. */
  readonly hidden?: boolean;
}

export interface MigrationQueries {
  /** @throws {Failure} `conflict` when the uuid is taken */
  insert(migration: Omit<Migration, 'number'>): Promise<Migration>;
  find(number: number): Promise<Migration | undefined>;
  findByUuid(uuid: string): Promise<Migration | undefined>;
  ofOperation(operation: OperationId): Promise<Migration | undefined>;
  /** Newest first; the marker is a uuid. @throws {Failure} `invalid` `marker [x] not found` */
  list(filter: MigrationFilter, page: Page): Promise<Migration[]>;
  update(
    number: number,
    patch: Partial<Pick<Migration, 'status' | 'destHost' | 'progress'>> & Pick<Migration, 'updatedAt'>,
  ): Promise<Migration>;
}
