import type { FlavorId, HostName, ImageId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Page } from './page.ts';

/** What a list of servers may be narrowed by; all that are given must hold. */
export interface ServerFilter {
  readonly projectId?: ProjectId;
  readonly userId?: UserId;
  /** A regular expression, unanchored, as Nova takes it. */
  readonly name?: string;
  readonly vmStates?: readonly string[];
  readonly taskStates?: readonly (string | null)[];
  readonly powerState?: string;
  readonly host?: HostName;
  readonly flavorId?: FlavorId;
  readonly imageId?: ImageId;
  readonly uuid?: ServerId;
  readonly reservationId?: string;
  readonly keyName?: string;
  readonly availabilityZone?: string;
  readonly configDrive?: boolean;
  readonly locked?: boolean;
  readonly tags?: readonly string[];
  readonly tagsAny?: readonly string[];
  readonly notTags?: readonly string[];
  readonly notTagsAny?: readonly string[];
  /** Epoch milliseconds: updated at or after. Deleted servers are then shown too. */
  readonly changedSince?: number;
  readonly changedBefore?: number;
  /** Only deleted ones; otherwise they are left out (unless changedSince is given). */
  readonly deleted?: boolean;
}

/** What a project's servers take up. */
export interface Usage {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
}

export interface HostUsage extends Usage {
  readonly diskGb: number;
}

/** A server's id and generation: enough to know whether a rendered view of it is still right. */
export interface ServerVersion {
  readonly id: ServerId;
  readonly generation: number;
}

export interface ServerQueries {
  /** @throws {Failure} `conflict` when the id is taken, or was a purged server's */
  insert(server: Omit<Server, 'number'>): Promise<Server>;
  /** Also finds deleted servers: the caller looks at vmState. */
  find(id: ServerId): Promise<Server | undefined>;
  /** In the order asked for; those that are not there are left out. */
  findMany(ids: readonly ServerId[]): Promise<Server[]>;
  /**
   * Changes the named fields and adds one to the generation; `updatedAt` is in the patch. @throws {Failure}
   * `conflict` on an old generation
   */
  update(seen: ServerVersion, patch: ServerPatch): Promise<Server>;
  /** @throws {Failure} `invalid` `marker [x] not found` */
  list(filter: ServerFilter, page: Page): Promise<Server[]>;
  /** The same list, ids and generations only. One indexed query, flat in the number of servers. */
  listVersions(filter: ServerFilter, page: Page): Promise<ServerVersion[]>;
  /** Sums over servers that are not deleted. */
  usageOf(projectId: ProjectId): Promise<Usage>;
  /**
   * What is held on a host: by the servers on it and, while a resize or cold migration waits for
   * confirmation, what they had on the host that they may go back to. Where that is the same host both count,
   * as Nova holds both allocations there: until it is confirmed both sets of disks are, and a revert must
   * find room whatever came meanwhile.
   */
  usageOfHost(host: HostName): Promise<HostUsage>;
  /** The same of all hosts that anything was ever held on, in one query. */
  usageOfHosts(): Promise<ReadonlyMap<HostName, HostUsage>>;
}
