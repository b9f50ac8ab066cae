import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName, ProjectId, RequestId, UserId } from '../../model/ids.ts';
import type { ImageSnapshot } from '../../model/image.ts';
import type { DiskConfig, Server } from '../../model/server.ts';
import type { PowerOperation } from '../kinds/power-server.ts';
import type { RebuildRequest } from '../kinds/rebuild-server.ts';

/** Who asked, for the action's record, its checks and its policy. */
export interface Requester {
  readonly requestId: RequestId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  readonly isAdmin: boolean;
}

/** Limits that a create or a resize must keep; -1: none. */
export interface QuotaLimits {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
}

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
  readonly configDrive: boolean;
  readonly accessIPv4: string | null;
  readonly accessIPv6: string | null;
  readonly diskConfig: DiskConfig;
  /** The server group that the servers are made in, or null. */
  readonly groupId: string | null;
  readonly quota: QuotaLimits & {
    /** Servers of one server group. */
    readonly groupMembers: number;
  };
}

/**
 * What the API asks of the compute service. Each is written down durably before the promise resolves, and
 * goes on by itself after it; each checks the table of `model/action.ts` in the same transaction and throws
 * `Failure('conflict')` when the state does not allow it.
 */
export interface Operations {
  /** @throws {Failure} `over-quota`, in Nova's words */
  createServers(request: ServerRequest, by: Requester): Promise<Server[]>;
  delete(server: Server, by: Requester): Promise<void>;
  /**
   * Has hosts fetch images ahead. Nobody waits for it, and it is not written down: what is missing is fetched
   * when a server is made.
   */
  cacheImages(hosts: readonly HostName[], images: readonly ImageSnapshot[]): void;
  /** Begins an operation that needs no input: stop, pause and their like. */
  power(kind: PowerOperation, server: Server, by: Requester): Promise<void>;
  start(server: Server, by: Requester): Promise<void>;
  reboot(server: Server, type: 'SOFT' | 'HARD', by: Requester): Promise<void>;
  /** @returns the server as it is while it is rebuilt */
  rebuild(server: Server, request: RebuildRequest, by: Requester): Promise<Server>;
  resize(
    server: Server,
    request: {
      readonly flavor: FlavorSnapshot;
      readonly quota: QuotaLimits;
      /** MANUAL unless said, whatever it was. */
      readonly diskConfig?: DiskConfig;
    },
    by: Requester,
  ): Promise<void>;
  confirmResize(server: Server, by: Requester): Promise<void>;
  revertResize(server: Server, by: Requester): Promise<void>;
  /** Cold migration, to the host that an administrator named or to one that the scheduler chooses. */
  migrate(server: Server, request: { readonly host: string | null }, by: Requester): Promise<void>;
  /** `blockMigration`: whether disks are copied; `auto` copies them unless both hosts see the same files. */
  liveMigrate(
    server: Server,
    request: { readonly host: string | null; readonly blockMigration: boolean | 'auto' },
    by: Requester,
  ): Promise<void>;
  /** @throws {Failure} `not-found` when this live migration is not under way */
  abortLiveMigration(server: Server, migration: number, by: Requester): Promise<void>;
  /** @throws {Failure} `not-found` when this live migration is not under way */
  forceCompleteLiveMigration(server: Server, migration: number, by: Requester): Promise<void>;
  /**
   * Makes the guest anew on another host, from its image. @throws {Failure} `invalid` when its own host is up
   */
  evacuate(server: Server, request: { readonly host: string | null }, by: Requester): Promise<void>;
  /** On an administrator's word alone; nothing is done to the guest. */
  resetState(server: Server, state: 'active' | 'error', by: Requester): Promise<void>;
  lock(server: Server, reason: string | null, by: Requester): Promise<void>;
  unlock(server: Server, by: Requester): Promise<void>;
  /** The guest's console log: its last `lines`, or all. */
  consoleOutput(server: Server, lines: number | null): Promise<string>;
}
