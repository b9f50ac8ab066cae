import type { HostName, OperationId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { Migration, MigrationStatus, MigrationType } from '../../model/migration.ts';
import type { Page } from './page.ts';

/** Filters of a list of migrations. All given filters must match. */
export interface MigrationFilter {
  readonly serverId?: ServerId;
  /** Matches the source or the destination. */
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
  /** True matches nothing, because Nameplate has no hidden migrations. */
  readonly hidden?: boolean;
}

export interface MigrationQueries {
  /** @throws {Failure} `conflict` when the uuid is in use */
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
