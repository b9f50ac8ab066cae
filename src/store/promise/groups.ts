import type { HostName, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { ServerGroup } from '../../model/server-group.ts';
import type { Page } from './page.ts';

/** A server of a group that is not deleted. */
export interface GroupMember {
  readonly id: ServerId;
  readonly host: HostName | null;
  readonly projectId: ProjectId;
  readonly userId: UserId;
}

export interface GroupQueries {
  /** @throws {Failure} `conflict` when the id is in use */
  insert(group: ServerGroup): Promise<void>;
  find(id: string): Promise<ServerGroup | undefined>;
  /** Oldest first. `offset` skips that many groups. @throws {Failure} `invalid` on an unknown marker */
  list(
    filter: { readonly projectId?: ProjectId },
    page: Page & { readonly offset?: number },
  ): Promise<ServerGroup[]>;
  delete(id: string): Promise<boolean>;
  count(project: ProjectId): Promise<number>;
  /** Oldest first. */
  members(id: string): Promise<GroupMember[]>;
  countMembers(id: string): Promise<number>;
}
