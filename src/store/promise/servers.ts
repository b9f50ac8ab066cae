import type { FlavorId, HostName, ImageId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Page } from './page.ts';

/** Filters of a list of servers. All given filters must match. */
export interface ServerFilter {
  readonly projectId?: ProjectId;
  readonly userId?: UserId;
  /** A regular expression, not anchored, as in Nova. */
  readonly name?: string;
  /** Regular expressions like `name`, for an IPv4 and an IPv6 address; with both, one must hold. */
  readonly ip?: string;
  readonly ip6?: string;
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
  /** Updated at or after this time. Epoch milliseconds. The list then includes deleted servers. */
  readonly changedSince?: number;
  readonly changedBefore?: number;
  /** Only deleted servers. By default the list has no deleted servers, except with changedSince. */
  readonly deleted?: boolean;
}

/** The usage of a project's servers. */
export interface Usage {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
}

export interface HostUsage extends Usage {
  readonly diskGb: number;
}

/** A server's id and generation, to check whether a cached view of it is current. */
export interface ServerVersion {
  readonly id: ServerId;
  readonly generation: number;
}

export interface ServerQueries {
  /** @throws {Failure} `conflict` when the id is in use, or was the id of a purged server */
  insert(server: Omit<Server, 'number'>): Promise<Server>;
  /**
   * Makes the id of a deleted server usable again, for a server that is to be the same machine: its row goes,
   * its history stays. One that was never used stays as it is.
   * @returns the generation of the row that went; null when it was purged before, undefined when the id was
   * never used
   * @throws {Failure} `conflict` when the server is not deleted
   */
  revive(id: ServerId): Promise<number | null | undefined>;
  /** Finds deleted servers too: callers must check vmState. */
  find(id: ServerId): Promise<Server | undefined>;
  /** In the order of the ids. Missing servers are left out. */
  findMany(ids: readonly ServerId[]): Promise<Server[]>;
  /**
   * Changes the fields of the patch, which includes `updatedAt`, and increases the generation by one.
   * @param seen the server as it was read
   * @throws {Failure} `conflict` on an old generation
   */
  update(seen: Server, patch: ServerPatch): Promise<Server>;
  /** @throws {Failure} `invalid` `marker [x] not found` */
  list(filter: ServerFilter, page: Page): Promise<Server[]>;
  /**
   * The same list with ids and generations only: one indexed query, in constant time for any number of
   * servers.
   */
  listVersions(filter: ServerFilter, page: Page): Promise<ServerVersion[]>;
  /** Sums over all servers that are not deleted. */
  usageOf(projectId: ProjectId): Promise<Usage>;
  /**
   * The usage of a host: of the servers on it, and of servers that may revert to it while a resize or cold
   * migration waits for confirmation. If that is the same host, both count, as Nova keeps both allocations:
   * until the confirmation both disk sets exist, and a revert must find room.
   */
  usageOfHost(host: HostName): Promise<HostUsage>;
  /** The usage of every host that ever had any, in one query. */
  usageOfHosts(): Promise<ReadonlyMap<HostName, HostUsage>>;
}
