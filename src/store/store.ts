import type { Aggregate } from '../model/aggregate.ts';
import type { Flavor } from '../model/flavor.ts';
import type { ComputeHost, HostCredential, SharedIdentity } from '../model/host.ts';
import type { Assignment, Domain, Keypair, Project, Role, Token, User } from '../model/identity.ts';
import type {
  FlavorId,
  HostName,
  ImageId,
  OperationId,
  ProjectId,
  RequestId,
  ServerId,
  UserId,
} from '../model/ids.ts';
import type { Image, ImageMember } from '../model/image.ts';
import type { Migration, MigrationStatus, MigrationType } from '../model/migration.ts';
import type { InstanceAction, Operation, OperationLogLine } from '../model/operation.ts';
import type { SerialRecord } from '../model/serial.ts';
import type { Server, ServerPatch } from '../model/server.ts';
import type { ServerGroup } from '../model/server-group.ts';

/**
 * Everything that must outlive the process. Two implementations, one law suite (`test/laws/store.ts`).
 * A row with a generation is written by naming the generation it was read at; a write that names an old one
 * throws `Failure('conflict')` and changes nothing.
 */
export interface Store extends Queries {
  /**
   * Runs `work` in one transaction: all of it lands, durably, before the promise resolves, or none of it.
   * What it looks at before it writes is still so when it lands, whoever else writes: where another came between, `work` is run again, so it
   * does nothing but ask the queries it is handed, one after another, and waits for nothing else. What it only looks at should be little: a
   * transaction that reads all hosts meets each of them that reports meanwhile.
   * @throws {Failure} `unavailable` when nothing was changed because the store is away; `outcome-unknown` when the answer to the commit was lost
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /**
   * A number that is another one as soon as anything has been committed, whoever did it, and costs no more than a glance; undefined where
   * only a question to the database could tell. What was read between two equal stamps, outside of transactions, is still so.
   */
  stamp(): number | undefined;
  close(): Promise<void>;
}

/** Queries by noun. On a `Store` each is a transaction of its own. */
export interface Queries {
  readonly servers: ServerQueries;
  readonly operations: OperationQueries;
  readonly actions: ActionQueries;
  readonly serials: SerialQueries;
  readonly hosts: HostQueries;
  readonly hostCredentials: HostCredentialQueries;
  readonly aggregates: AggregateQueries;
  readonly groups: GroupQueries;
  readonly migrations: MigrationQueries;
  readonly flavors: FlavorQueries;
  readonly images: ImageQueries;
  readonly keypairs: KeypairQueries;
  readonly identity: IdentityQueries;
  readonly tokens: TokenQueries;
  readonly quotas: QuotaQueries;
  readonly secrets: SecretQueries;
}

/** A page: at most `limit` rows after the row with id `marker`. */
export interface Page {
  readonly limit: number;
  readonly marker?: string;
  /**
   * Columns to sort by, most significant first; nulls come before everything else. Ties are broken in the direction of
   * the first column: among servers by which was made first (Nova's integer id), else by the id.
   */
  readonly sort?: readonly { readonly key: string; readonly direction: 'asc' | 'desc' }[];
}

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
  /** @throws {Failure} `conflict` when the id is taken */
  insert(server: Omit<Server, 'number'>): Promise<Server>;
  /** Also finds deleted servers: the caller looks at vmState. */
  find(id: ServerId): Promise<Server | undefined>;
  /** In the order asked for; those that are not there are left out. */
  findMany(ids: readonly ServerId[]): Promise<Server[]>;
  /** Changes the named fields and adds one to the generation; `updatedAt` is in the patch. @throws {Failure} `conflict` on an old generation */
  update(seen: ServerVersion, patch: ServerPatch): Promise<Server>;
  /** @throws {Failure} `invalid` `marker [x] not found` */
  list(filter: ServerFilter, page: Page): Promise<Server[]>;
  /** The same list, ids and generations only. One indexed query, flat in the number of servers. */
  listVersions(filter: ServerFilter, page: Page): Promise<ServerVersion[]>;
  /** Sums over servers that are not deleted. */
  usageOf(projectId: ProjectId): Promise<Usage>;
  /**
   * What is held on a host: by the servers on it and, while a resize or cold migration waits for confirmation, what they had on the host that
   * they may go back to. Where that is the same host both count, as Nova holds both allocations there: until it is confirmed both sets of disks are,
   * and a revert must find room whatever came meanwhile.
   */
  usageOfHost(host: HostName): Promise<HostUsage>;
  /** The same of all hosts that anything was ever held on, in one query. */
  usageOfHosts(): Promise<ReadonlyMap<HostName, HostUsage>>;
}

export interface OperationQueries {
  insert(operation: Operation): Promise<void>;
  find(id: OperationId): Promise<Operation | undefined>;
  /**
   * Writes the fields that move: state, step, notes, failure, updatedAt. Fenced: only the owner moves an operation, and only from the generation that
   * it saw; a replica that lost its lease cannot.
   * @returns the operation as it now is: a generation on, and cancelled if anybody asked for that
   * @throws {Failure} `conflict` when it has another owner or generation
   */
  save(operation: Operation): Promise<Operation>;
  /** Makes the owner's lease on all that it has not ended last until then. @returns how many */
  renew(owner: string, leaseUntil: number): Promise<number>;
  /** Gives the owner those of others, not ended, whose lease has run out, oldest first: each to one replica only. */
  takeOver(by: {
    readonly owner: string;
    readonly now: number;
    readonly leaseUntil: number;
    readonly limit: number;
  }): Promise<Operation[]>;
  /** The oldest on the same server that was begun before this one and has not ended. */
  unfinishedBefore(operation: Operation): Promise<Operation | undefined>;
  /** Marks every operation of the server that has not ended as cancelled. @returns how many */
  cancel(server: ServerId): Promise<number>;
  log(line: OperationLogLine): Promise<void>;
  logOf(id: OperationId): Promise<OperationLogLine[]>;
  /** Those not ended, oldest first. */
  unfinished(): Promise<Operation[]>;
}

export interface ActionQueries {
  /** Adds the action with its events (usually one, not finished). */
  begin(action: InstanceAction): Promise<void>;
  finish(
    of: { readonly serverId: ServerId; readonly requestId: RequestId },
    event: {
      readonly at: number;
      readonly result: 'Success' | 'Error';
      readonly details: string | null;
      readonly traceback: string | null;
      readonly host: HostName | null;
    },
  ): Promise<void>;
  /** Newest first. */
  list(
    server: ServerId,
    page: Page & { readonly changedSince?: number; readonly changedBefore?: number },
  ): Promise<InstanceAction[]>;
  find(server: ServerId, request: RequestId): Promise<InstanceAction | undefined>;
}

export interface SerialQueries {
  add(record: SerialRecord): Promise<void>;
  /** Oldest first. */
  of(server: ServerId): Promise<SerialRecord[]>;
  /** A piece of the whole ledger, oldest first: the records after the one of that number, at most so many. */
  list(piece: {
    readonly after: number;
    readonly limit: number;
  }): Promise<{ readonly number: number; readonly record: SerialRecord }[]>;
}

export interface HostQueries {
  /** Adds or renews what the host's agent says; keeps number, ids, status, reason, forcedDown. */
  report(
    host: Omit<ComputeHost, 'number' | 'status' | 'disabledReason' | 'forcedDown'>,
  ): Promise<ComputeHost>;
  find(name: HostName): Promise<ComputeHost | undefined>;
  list(): Promise<ComputeHost[]>;
  setStatus(
    name: HostName,
    status: Pick<ComputeHost, 'status' | 'disabledReason' | 'forcedDown'>,
  ): Promise<ComputeHost>;
  /** @returns whether it was there. Its servers, aggregates and credentials stay as they are. */
  remove(name: HostName): Promise<boolean>;
  /** Identities that more than one host reports; with `of`, only those that this host is among. */
  sharedIdentities(of?: HostName): Promise<SharedIdentity[]>;
}

export interface HostCredentialQueries {
  /** @throws {Failure} `conflict` when the key was given out before, revoked or not */
  insert(credential: Omit<HostCredential, 'revokedAt'>): Promise<void>;
  /** Revoked ones too, oldest first. */
  list(): Promise<HostCredential[]>;
  /** Revokes all that the host has. @returns how many were good until then */
  revoke(host: HostName, at: number): Promise<number>;
}

export interface AggregateQueries {
  /** @throws {Failure} `conflict` `Aggregate x already exists.` */
  insert(aggregate: Omit<Aggregate, 'number'>): Promise<Aggregate>;
  find(number: number): Promise<Aggregate | undefined>;
  /** By number. */
  list(): Promise<Aggregate[]>;
  /** @throws {Failure} `conflict` on an old generation, or a name that is taken */
  update(
    seen: Pick<Aggregate, 'number' | 'generation'>,
    patch: Partial<Pick<Aggregate, 'name' | 'metadata' | 'hosts' | 'updatedAt'>>,
  ): Promise<Aggregate>;
  delete(number: number): Promise<boolean>;
  /** Those that the host is in, by number. */
  ofHost(host: HostName): Promise<Aggregate[]>;
}

/** A server of a group that is not deleted. */
export interface GroupMember {
  readonly id: ServerId;
  readonly host: HostName | null;
  readonly projectId: ProjectId;
  readonly userId: UserId;
}

export interface GroupQueries {
  /** @throws {Failure} `conflict` when the id is taken */
  insert(group: ServerGroup): Promise<void>;
  find(id: string): Promise<ServerGroup | undefined>;
  /** Oldest first. `offset`: how many are left out first. @throws {Failure} `invalid` on an unknown marker */
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

export interface FlavorQueries {
  /** @throws {Failure} `conflict` when name or id is taken */
  insert(flavor: Flavor): Promise<void>;
  find(id: FlavorId): Promise<Flavor | undefined>;
  /** `visibleTo`: public ones and those the project has access to; absent: all. @throws {Failure} `invalid` on an unknown marker */
  list(
    filter: {
      readonly isPublic?: boolean;
      readonly visibleTo?: ProjectId;
      readonly minRamMb?: number;
      readonly minDiskGb?: number;
      readonly disabled?: boolean;
    },
    page: Page,
  ): Promise<Flavor[]>;
  update(
    seen: { readonly id: FlavorId; readonly generation: number },
    patch: Partial<Pick<Flavor, 'description' | 'extraSpecs' | 'access'>>,
  ): Promise<Flavor>;
  delete(id: FlavorId): Promise<boolean>;
}

export interface ImageFilter {
  /** Images this project may see: its own, public, community when named, shared with it and accepted. Absent: all. */
  readonly visibleTo?: ProjectId;
  readonly names?: readonly string[];
  readonly statuses?: readonly string[];
  readonly visibility?: string;
  readonly memberStatus?: string;
  readonly owner?: ProjectId;
  readonly tags?: readonly string[];
  readonly diskFormats?: readonly string[];
  readonly containerFormats?: readonly string[];
  readonly sizeMin?: number;
  readonly sizeMax?: number;
  readonly hidden?: boolean;
  readonly protected?: boolean;
  readonly createdAt?: readonly TimeBound[];
  readonly updatedAt?: readonly TimeBound[];
  readonly properties?: Readonly<Record<string, string>>;
}
export interface TimeBound {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
  /** Epoch milliseconds */
  readonly at: number;
}

export interface ImageQueries {
  /** @throws {Failure} `conflict` `Image ID x already exists!` */
  insert(image: Image): Promise<void>;
  find(id: ImageId): Promise<Image | undefined>;
  list(filter: ImageFilter, page: Page): Promise<Image[]>;
  update(
    seen: { readonly id: ImageId; readonly generation: number },
    patch: Partial<Omit<Image, 'id' | 'generation' | 'createdAt'>>,
  ): Promise<Image>;
  delete(id: ImageId): Promise<boolean>;
  members(id: ImageId): Promise<ImageMember[]>;
  putMember(member: ImageMember): Promise<void>;
  deleteMember(id: ImageId, member: ProjectId): Promise<boolean>;
}

export interface KeypairQueries {
  /** @throws {Failure} `conflict` `Key pair 'x' already exists.` */
  insert(keypair: Omit<Keypair, 'number'>): Promise<Keypair>;
  find(user: UserId, name: string): Promise<Keypair | undefined>;
  list(user: UserId, page: Page): Promise<Keypair[]>;
  count(user: UserId): Promise<number>;
  delete(user: UserId, name: string): Promise<boolean>;
}

/** Each insert throws `conflict` when the id, or the name within its domain, is taken. Deleting a thing deletes its assignments and tokens. */
export interface IdentityQueries {
  readonly domains: NounQueries<Domain, { name?: string; enabled?: boolean }>;
  readonly projects: NounQueries<Project, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly users: NounQueries<User, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly roles: NounQueries<Role, { name?: string; domainId?: string | null }>;
  assign(assignment: Assignment): Promise<void>;
  /** @returns whether there was one */
  unassign(assignment: Assignment): Promise<boolean>;
  assignments(filter: { userId?: UserId; projectId?: ProjectId; roleId?: string }): Promise<Assignment[]>;
}

export interface NounQueries<T extends { readonly id: string }, Filter> {
  insert(row: T): Promise<void>;
  find(id: string): Promise<T | undefined>;
  list(filter: Filter): Promise<T[]>;
  update(id: string, patch: Partial<Omit<T, 'id'>>): Promise<T | undefined>;
  delete(id: string): Promise<boolean>;
}

export interface TokenQueries {
  insert(token: Token): Promise<void>;
  find(hash: string): Promise<Token | undefined>;
  delete(hash: string): Promise<boolean>;
  deleteOfUser(user: UserId): Promise<void>;
  deleteExpired(now: number): Promise<number>;
}

export interface QuotaQueries {
  /** Limits set for the project; what is not set has the configured default. */
  of(project: ProjectId): Promise<Readonly<Record<string, number>>>;
  set(project: ProjectId, limits: Readonly<Record<string, number>>): Promise<void>;
  reset(project: ProjectId): Promise<void>;
}

/** What the replicas of a control plane know and nobody else. */
export interface SecretQueries {
  /** The secret of that name. The first that is proposed becomes it: all who ask get the same. */
  agree(name: string, proposed: string): Promise<string>;
}
