import type { FlavorSnapshot } from './flavor.ts';
import type { GivenIdentity } from './given-identity.ts';
import type { ProjectId, ServerId, UserId } from './ids.ts';
import type { ImageSnapshot } from './image.ts';
import type { InjectedFile } from './injected-file.ts';
import type { MachineIdentity } from './machine-identity.ts';
import type { GuestPort } from './network/guest-port.ts';
import type { PowerState, Server } from './server.ts';
import { domainNameOf } from './server.ts';

/**
 * All that a compute host needs to know to define a server's guest. It is made from the server's own
 * snapshots, never from the live flavor or image.
 */
export interface GuestPlan {
  readonly serverId: ServerId;
  readonly domainName: string;
  readonly displayName: string;
  readonly hostname: string;
  readonly projectId: ProjectId;
  readonly projectName: string;
  readonly userId: UserId;
  readonly userName: string;
  readonly flavor: FlavorSnapshot;
  readonly image: ImageSnapshot;
  readonly diskSet: string;
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly keyName: string | null;
  readonly keyPublic: string | null;
  readonly keyType: 'ssh' | 'x509' | null;
  /** base64 */
  readonly userData: string | null;
  /** On the config drive; absent: none. */
  readonly files?: readonly InjectedFile[];
  readonly configDrive: boolean;
  readonly launchIndex: number;
  readonly reservationId: string;
  /** What earlier definitions decided; null or absent: nothing is decided yet. */
  readonly machine?: MachineIdentity | null;
  /** What the server was imported with; null or absent: it was not imported. */
  readonly given?: GivenIdentity | null;
  /** In the order of its interfaces. Absent for a server of release 0.1 that has none. */
  readonly ports?: readonly GuestPort[];
  /** Before the interfaces of its ports it has the one that the host's configuration gives each server. */
  readonly configuredInterface?: true;
}

/** The state of a guest on its host. `absent`: it has neither a definition nor a process. */
export interface GuestObservation {
  readonly serverId: ServerId;
  readonly power: PowerState | 'absent';
}

/** The files of a server on a host, whether the host has a guest of it or not. */
export interface ServerFiles {
  readonly serverId: ServerId;
  /** Names of its disk sets, including incomplete ones. */
  readonly sets: readonly string[];
}

/** The plan of the guest that a server should have now. */
export function planOf(server: Server): GuestPlan {
  return {
    serverId: server.id,
    domainName: domainNameOf(server),
    displayName: server.name,
    hostname: server.hostname,
    projectId: server.projectId,
    projectName: server.projectName,
    userId: server.userId,
    userName: server.userName,
    flavor: server.flavor,
    image: server.image,
    diskSet: server.diskSet,
    availabilityZone: server.availabilityZone,
    metadata: server.metadata,
    keyName: server.keyName,
    keyPublic: server.keyPublic,
    keyType: server.keyType,
    userData: server.userData,
    ...(server.files !== undefined && server.files.length > 0 && { files: server.files }),
    configDrive: server.configDrive,
    launchIndex: server.launchIndex,
    reservationId: server.reservationId,
    machine: server.machine,
    ...(server.onlyPorts && { ports: [] }),
    given: server.given,
  };
}
