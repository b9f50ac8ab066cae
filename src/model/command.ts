import type { GuestObservation, GuestPlan, ServerFiles } from './guest.ts';
import type { ComputeHost } from './host.ts';
import type { HostName, OperationId, ServerId } from './ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from './image.ts';
import type { LiveProgress } from './migration.ts';
import type { SerialDecision } from './serial.ts';

/**
 * Commands that name a guest and nothing else, and reply nothing. The driver has a method of the same name
 * for each. `since`: the protocol that the command came with, unless it was the first.
 */
export const GUEST_COMMANDS = {
  /** Removes the definition and any saved memory. @throws {Failure} `conflict` while the guest runs */
  undefine: {},
  /** Boots the guest from its definition and discards saved memory. A running guest is left alone. */
  start: {},
  /** Powers the guest off at once. An absent guest counts as off. */
  destroy: {},
  /** @throws {Failure} `conflict` when the guest is off */
  pause: {},
  /** @throws {Failure} `conflict` when the guest is off */
  unpause: {},
  /**
   * Saves the guest's memory to disk and ends its process.
   * @throws {Failure} `conflict` when the guest is off
   */
  suspend: {},
  /**
   * Restores the guest from saved memory, with the definition that it had.
   * @throws {Failure} `conflict` without saved memory
   */
  resume: {},
} as const satisfies Readonly<Record<string, { readonly since?: number }>>;

export type GuestCommand = keyof typeof GUEST_COMMANDS;

/**
 * What the control plane may ask of a compute host's agent: the driver's promise, one verb a method. Each is
 * idempotent.
 */
export interface Commands extends Record<GuestCommand, { ask: { server: ServerId }; reply: undefined }> {
  'create-disks': {
    ask: {
      plan: GuestPlan;
      from: 'image' | { copyOf: string };
      /**
       * URLs from which this host may read the data of the images that it needs; null: it has a way of its
       * own.
       */
      images: ImageUrls;
      /** What the data of those images is. The host uses no other image. */
      contents?: ImageContents;
    };
    reply: undefined;
  };
  /** Fetches an image, with its kernel and ramdisk, before a server needs it. */
  'cache-image': {
    ask: {
      image: ImageSnapshot;
      images: ImageUrls;
      contents?: ImageContents;
    };
    reply: undefined;
  };
  'delete-disks': { ask: { server: ServerId; set: string | 'all' }; reply: undefined };
  /** The agent decides the serial, with its own identity, and says what it decided. */
  define: { ask: { plan: GuestPlan; operation: OperationId }; reply: SerialDecision };
  'restore-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  'forget-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  /** Replies whether the guest powered off in time. */
  shutdown: { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  /** Replies whether the guest shut down in time and was started again. */
  'soft-reboot': { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  observe: { ask: { server: ServerId }; reply: GuestObservation };
  'console-log': { ask: { server: ServerId; lines: number | null }; reply: string };

  /**
   * The source lets another host fetch a disk set of a server, for some minutes: all of it, the guest being
   * off (`move`), or what a live migration with copied disks needs beforehand (`live`). Each asking makes a
   * new offer. `image`: what the disks were made of.
   */
  'offer-disks': {
    ask: { server: ServerId; set: string; purpose: 'move' | 'live'; image?: ImageSnapshot };
    reply: DiskOffer;
  };
  /**
   * The destination fetches the plan's disk set from the source, unless it is there, and checks it. Broken
   * off: ask again, with a new offer if that has run out.
   */
  'fetch-disks': {
    ask: {
      plan: GuestPlan;
      offer: DiskOffer;
      contents?: ImageContents;
      /** As of `create-disks`; absent: the host makes no base of the image for these disks. */
      images?: ImageUrls;
    };
    reply: undefined;
  };
  'mark-disks': { ask: { server: ServerId; mark: string }; reply: undefined };
  /** Replies whether this host sees the mark that another left: then they share the server's disks. */
  'sees-mark': { ask: { server: ServerId; mark: string }; reply: boolean };
  'remove-mark': { ask: { server: ServerId; mark: string }; reply: undefined };
  /**
   * At the destination. Copied disks have been fetched for `live` before. Replies the address that the source
   * is to migrate to.
   */
  'prepare-live': { ask: { plan: GuestPlan; disks: 'shared' | 'copied' }; reply: string };
  /** At the source; replies when the guest has gone. */
  'migrate-live': {
    ask: { server: ServerId; destination: string; disks: 'shared' | 'copied' };
    reply: undefined;
  };
  'live-progress': { ask: { server: ServerId }; reply: LiveProgress | null };
  'abort-live': { ask: { server: ServerId }; reply: undefined };
  'force-live': { ask: { server: ServerId }; reply: undefined };
}

/** Where and how a host may fetch the disks of a server from another: good once, for a while. */
export interface DiskOffer {
  readonly address: string;
  readonly port: number;
  /** Tells the source which offer is meant. */
  readonly identity: string;
  /** 32 random bytes, hex: both ends prove that they know it. Not for logs. */
  readonly key: string;
}

export type Verb = keyof Commands;
export type Command<V extends Verb = Verb> = {
  [K in V]: { readonly verb: K } & Readonly<Commands[K]['ask']>;
}[V];
export type Reply<V extends Verb> = Commands[V]['reply'];

/** What an agent says of its host, when it starts and with every heartbeat. */
export type HostReport = Omit<
  ComputeHost,
  'number' | 'status' | 'disabledReason' | 'forcedDown' | 'silentMs'
>;

/**
 * What an agent publishes on its own. On NATS these have the field names of release 0.1:
 * `bus/nats/event-wire.ts`.
 */
export type AgentEvent =
  | { readonly type: 'host'; readonly report: HostReport }
  /** A guest's power changed; look again before acting on it, as it may have changed since. */
  | {
      readonly type: 'guest';
      readonly host: HostName;
      readonly guest: GuestObservation;
      /**
       * The agent found it so when it started, and the host resumes guests (`[DEFAULT]
       * resume_guests_state_on_host_boot`).
       */
      readonly atStart?: true;
    }
  /**
   * The disk sets of some servers on the host when its agent started: no guest event covers disks whose guest
   * is gone.
   */
  | { readonly type: 'inventory'; readonly host: HostName; readonly servers: readonly ServerFiles[] };
