import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { ChosenIdentity } from '../../model/given-identity.ts';
import type { HostName, ProjectId } from '../../model/ids.ts';
import type { ImageSnapshot } from '../../model/image.ts';
import type { InjectedFile } from '../../model/injected-file.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { PortWish } from '../../model/network/port-wish.ts';
import type { Operation } from '../../model/operation.ts';
import type { QuotaLimits } from '../../model/quota.ts';
import type { DiskConfig, Server } from '../../model/server.ts';
import type { Requester } from '../engine/requester.ts';
import type { OperationKind } from '../engine/step.ts';
import type { IdentityHolder } from './identity-holders.ts';

/** What a create asks for: one server, or several alike. */
export interface ServerRequest {
  readonly names: readonly { readonly name: string; readonly hostname: string }[];
  readonly description: string | null;
  readonly projectName: string;
  readonly userName: string;
  readonly flavor: FlavorSnapshot;
  readonly image: ImageSnapshot;
  readonly availabilityZone: string | null;
  /** The host that an administrator named, or null. */
  readonly host: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly keyName: string | null;
  readonly keyPublic: string | null;
  readonly keyType: 'ssh' | 'x509' | null;
  readonly userData: string | null;
  readonly files?: readonly InjectedFile[];
  readonly configDrive: boolean;
  readonly accessIPv4: string | null;
  readonly accessIPv6: string | null;
  readonly diskConfig: DiskConfig;
  /** The server group that the servers are made in, or null. */
  readonly groupId: string | null;
  /** Of the one server that is imported; absent: the servers are new. */
  readonly identity?: ChosenIdentity;
  /** What each of the servers is to have. */
  readonly ports: readonly PortWish[];
  /** Of the ports that are made; empty: the group `default`. */
  readonly securityGroupIds: readonly SecurityGroupId[];
  readonly quota: QuotaLimits & {
    readonly ports: number;
    /** Servers of one server group. */
    readonly groupMembers: number;
  };
}

/**
 * What the API requests of the compute service. An operation is stored before the promise resolves, and runs
 * on by itself. Each request checks the table of `model/action.ts` in the same transaction and throws
 * `Failure('conflict')` when the state does not allow it.
 */
export interface Operations {
  /** @throws {Failure} `over-quota`, in Nova's words; `conflict` when an identity that it names is taken */
  createServers(request: ServerRequest, by: Requester): Promise<Server[]>;
  /** Who has values of an identity that an import into this project is to keep: servers, ports, hosts. */
  holdersOf(identity: ChosenIdentity, projectId: ProjectId): Promise<IdentityHolder[]>;
  /**
   * Begins an operation on a server. Its descriptor says what it checks, what it stores of the request and
   * what it does. A second delete of a server joins the first.
   * @returns the server as it is when the operation has begun
   */
  start<Request>(
    kind: OperationKind<string, Request>,
    server: Pick<Server, 'id' | 'projectId'>,
    request: NoInfer<Request>,
    by: Requester,
  ): Promise<Server>;
  /**
   * As `start`, for what Nova answers when it is done: waits for the end, half a minute at most.
   * @returns the operation, ended or under way
   */
  startAndWait<Request>(
    kind: OperationKind<string, Request>,
    server: Pick<Server, 'id' | 'projectId'>,
    request: NoInfer<Request>,
    by: Requester,
  ): Promise<Operation>;
  /**
   * Makes hosts fetch images ahead, in the background. The request is not stored: a host fetches missing
   * images when a server is created.
   */
  cacheImages(hosts: readonly HostName[], images: readonly ImageSnapshot[]): void;
  /** Lets the hosts of running guests follow changes in the network service, in the background. */
  refreshPorts(change: PortChange): void;
  /** Makes up for changes in the network service that hosts were not told of. @throws {Failure} */
  sweepPorts(): Promise<void>;
  /** @throws {Failure} `not-found` when this live migration is not under way */
  abortLiveMigration(server: Server, migration: number, by: Requester): Promise<void>;
  /** @throws {Failure} `not-found` when this live migration is not under way */
  forceCompleteLiveMigration(server: Server, migration: number, by: Requester): Promise<void>;
  /** Sets the state that an administrator gives; the guest is not touched. */
  resetState(server: Server, state: 'active' | 'error', by: Requester): Promise<void>;
  lock(server: Server, reason: string | null, by: Requester): Promise<void>;
  unlock(server: Server, by: Requester): Promise<void>;
  /** The guest's console log: its last `lines`, or all. */
  consoleOutput(server: Server, lines: number | null): Promise<string>;
}
