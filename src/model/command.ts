import type { GuestObservation, GuestPlan, ServerFiles } from './guest.ts';
import type { GuestReading } from './guest-reading.ts';
import type { ComputeHost } from './host.ts';
import type { HostName, OperationId, ServerId } from './ids.ts';
import type { ImageContents, ImageSnapshot, ImageUrls } from './image.ts';
import type { MachineIdentity, ReadIdentity } from './machine-identity.ts';
import type { LiveProgress } from './migration.ts';
import type { GuestPort } from './network/guest-port.ts';
import type { MacAddress, PortId } from './network/network-ids.ts';
import type { SerialDecision } from './serial.ts';

/**
 * Commands whose only input is the server, and whose reply is empty. The driver has a method of the same name
 * for each. `since`: the first protocol version with the command, if that is not 1.
 */
export const GUEST_COMMANDS = {
  /** Removes the definition and any saved memory. @throws {Failure} `conflict` while the guest runs */
  undefine: {},
  /** Boots the guest from its definition and discards saved memory. Does nothing to a running guest. */
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
   * Restores the guest from saved memory, with the definition that it had when it was suspended.
   * @throws {Failure} `conflict` without saved memory
   */
  resume: {},
  /**
   * Sends the guest a non-maskable interrupt. A guest that is set up for it dumps its memory and reboots.
   * @throws {Failure} `conflict` when the guest is off
   */
  injectNmi: { since: 2 },
} as const satisfies Readonly<Record<string, { readonly since?: number }>>;

export type GuestCommand = keyof typeof GUEST_COMMANDS;

/**
 * The commands of the control plane to the agent of a compute host. Most verbs correspond to a method of the
 * hypervisor driver. Each command is idempotent.
 */
export interface Commands extends Record<GuestCommand, { ask: { server: ServerId }; reply: undefined }> {
  'create-disks': {
    ask: {
      plan: GuestPlan;
      from: 'image' | { copyOf: string };
      /**
       * URLs from which this host may read the data of the images that it needs; null: the host shares the
       * process of the control plane and reads them directly.
       */
      images: ImageUrls;
      /** Size and hashes of those images. The host uses no other image. */
      contents?: ImageContents;
    };
    reply: undefined;
  };
  /** Fetches an image, with its kernel and ramdisk, into the cache before a server needs it. */
  'cache-image': {
    ask: {
      image: ImageSnapshot;
      images: ImageUrls;
      contents?: ImageContents;
    };
    reply: undefined;
  };
  'delete-disks': { ask: { server: ServerId; set: string | 'all' }; reply: undefined };
  /** The agent decides the serial with its own host identity, and replies the decision. */
  define: { ask: { plan: GuestPlan; operation: OperationId }; reply: DefinedGuest };
  'restore-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  'forget-definition': { ask: { server: ServerId; operation: OperationId }; reply: undefined };
  /** Replies whether the guest powered off within the time limit. */
  shutdown: { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  /** Replies whether the guest shut down within the time limit and was started again. */
  'soft-reboot': { ask: { server: ServerId; timeoutMs: number }; reply: boolean };
  observe: { ask: { server: ServerId }; reply: GuestObservation };
  /** What the persistent definition says that the guest is known by; null: it has none. */
  'machine-identity': { ask: { server: ServerId }; reply: ReadIdentity | null };
  /** What the guest was started with; null: it has no process. */
  'read-guest': { ask: { server: ServerId }; reply: GuestReading | null };
  'console-log': { ask: { server: ServerId; lines: number | null }; reply: string };

  /**
   * Changes ports that the host holds for a guest: a running one follows at once. `define` and `prepare-live`
   * prepare the ports of their plan; `undefine` removes all that the host holds for the server's ports. What
   * the host does not hold any more is left alone: the message may have been overtaken.
   */
  'plug-ports': { ask: { server: ServerId; ports: readonly GuestPort[] }; reply: undefined };
  /** Removes all that the host holds for the server's ports. */
  'unplug-ports': { ask: { server: ServerId }; reply: undefined };
  /** Gives the guest, running or not, an interface for one port of the plan. */
  'attach-port': { ask: { plan: GuestPlan; port: PortId }; reply: undefined };
  /** Takes the interface with this address away from the guest, and unplugs the port. */
  'detach-port': { ask: { server: ServerId; port: PortId; mac: MacAddress }; reply: undefined };

  /**
   * The source lets another host fetch a disk set of a server, for some minutes. With `move` the guest is
   * off, and the offer covers the whole set. With `live` it covers what a live migration with copied disks
   * needs beforehand. Each command makes a new offer. `image`: the image that the disks were made from.
   */
  'offer-disks': {
    ask: { server: ServerId; set: string; purpose: 'move' | 'live'; image?: ImageSnapshot };
    reply: DiskOffer;
  };
  /**
   * The destination fetches the plan's disk set from the source, unless it already has the set, and checks
   * it. A fetch that broke off may be repeated; an expired offer must be replaced by a new one.
   */
  'fetch-disks': {
    ask: {
      plan: GuestPlan;
      offer: DiskOffer;
      contents?: ImageContents;
      /** As in `create-disks`. Absent: the host makes no base image for these disks. */
      images?: ImageUrls;
    };
    reply: undefined;
  };
  'mark-disks': { ask: { server: ServerId; mark: string }; reply: undefined };
  /** Replies whether this host sees the mark of another host: then both share the server's disks. */
  'sees-mark': { ask: { server: ServerId; mark: string }; reply: boolean };
  'remove-mark': { ask: { server: ServerId; mark: string }; reply: undefined };
  /**
   * Runs at the destination, after `fetch-disks` where the disks are copied. Replies the address to which the
   * source must migrate.
   */
  'prepare-live': { ask: { plan: GuestPlan; disks: 'shared' | 'copied' }; reply: string };
  /** Runs at the source; replies when the guest runs at the destination. */
  'migrate-live': {
    ask: { server: ServerId; destination: string; disks: 'shared' | 'copied' };
    reply: undefined;
  };
  'live-progress': { ask: { server: ServerId }; reply: LiveProgress | null };
  'abort-live': { ask: { server: ServerId }; reply: undefined };
  'force-live': { ask: { server: ServerId }; reply: undefined };
}

/** What a guest was defined with. */
export interface DefinedGuest extends SerialDecision {
  /** Absent: the agent is of release 0.1. */
  readonly machine?: MachineIdentity;
}

/** Where and how a host may fetch the disks of a server from another host. Valid once, for some minutes. */
export interface DiskOffer {
  readonly address: string;
  readonly port: number;
  /** Names the offer to the source. */
  readonly identity: string;
  /** 32 random bytes, hex. Both ends prove that they know the key. It must not be logged. */
  readonly key: string;
}

export type Verb = keyof Commands;
export type Command<V extends Verb = Verb> = {
  [K in V]: { readonly verb: K } & Readonly<Commands[K]['ask']>;
}[V];
export type Reply<V extends Verb> = Commands[V]['reply'];

/** The description of a host that its agent publishes at its start and with every heartbeat. */
export type HostReport = Omit<
  ComputeHost,
  'number' | 'status' | 'disabledReason' | 'forcedDown' | 'silentMs'
>;

/**
 * An event that an agent publishes. On NATS, events have the field names of release 0.1
 * (`bus/nats/event-wire.ts`).
 */
export type AgentEvent =
  | { readonly type: 'host'; readonly report: HostReport }
  /** A guest's power changed. Observe the guest before acting on it: its power may have changed again. */
  | {
      readonly type: 'guest';
      readonly host: HostName;
      readonly guest: GuestObservation;
      /**
       * The agent published this at its start, and the host resumes guests
       * (`[DEFAULT] resume_guests_state_on_host_boot`).
       */
      readonly atStart?: true;
    }
  /**
   * The disk sets and definitions of some servers on the host when its agent started. Guest events do not
   * cover disks whose guest no longer exists.
   */
  | { readonly type: 'inventory'; readonly host: HostName; readonly servers: readonly ServerFiles[] };
