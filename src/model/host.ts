import type { HostName } from './ids.ts';

/** What a compute host has to give. Memory in MiB, disk in GiB. */
export interface HostCapacity {
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
}

/** What a hypervisor driver says of the host it runs on. */
export interface HostDescription {
  readonly hypervisorType: string;
  /** libvirt's number form: major × 1,000,000 + minor × 1,000 + release */
  readonly hypervisorVersion: number;
  readonly hypervisorHostname: string;
  readonly arch: string;
  readonly cpuInfo: Readonly<Record<string, unknown>>;
  readonly capacity: HostCapacity;
  /** The host UUID in libvirt's capabilities, dashed lower case; null when it has none. */
  readonly hardwareUuid: string | null;
  /** Whether guests here can be given a serial at all (x86 with SMBIOS). */
  readonly givesSerial: boolean;
  /** What the driver can do, of `FEATURES`; an agent of another release may report others, or fewer. */
  readonly features: readonly string[];
  /** Absent where the driver does not say: guests are then sent there whatever their image asks for. */
  readonly platforms?: GuestPlatforms;
  /**
   * Where its guests' files are; absent where that is nobody's concern. Guests are migrated live only between
   * hosts with the same.
   */
  readonly instancesPath?: string;
}

/** What guests of a host may be started on. */
export interface GuestPlatforms {
  /** QEMU's machine types for the host's architecture. */
  readonly machineTypes: readonly string[];
  readonly firmware: readonly ('bios' | 'uefi')[];
}

/** A compute host as the control plane knows it. Times are epoch milliseconds. */
export interface ComputeHost extends HostDescription {
  readonly name: HostName;
  readonly hostIp: string;
  /** Counts hosts: the integer id of hypervisor and service below microversion 2.53. */
  readonly number: number;
  /** UUIDs of hypervisor and service from 2.53. */
  readonly hypervisorId: string;
  readonly serviceId: string;
  readonly zone: string;
  readonly disabledReason: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly forcedDown: boolean;
  /**
   * When the control plane took its last report in, by the wall clock: to be shown, not to be reckoned with.
   */
  readonly lastSeenAt: number;
  /** How long it has not reported, in milliseconds, when it was read: by a clock that never jumps. */
  readonly silentMs: number;
  readonly startedAt: number;
  /** `[libvirt] sysinfo_serial` there. */
  readonly serialOption: 'none' | 'os' | 'hardware' | 'auto' | 'unique';
  /** What the machine-id file of the host held when it last reported. */
  readonly machineId: MachineIdReading;
  /** The agent's release of Nameplate. */
  readonly version: string;
  /**
   * The version of the messages that the agent speaks; absent where it says none, as release 0.1
   * (`protocolOf`).
   */
  readonly protocol?: number;
  /** Absent until an agent that knows it has reported. */
  readonly uptime?: HostUptime;
}

/** How long a host has been up and how busy it is: what the command `uptime` says there. */
export interface HostUptime {
  /** Epoch milliseconds */
  readonly bootedAt: number;
  /** Over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly [number, number, number];
}

/**
 * The mark that a host leaves among the files of each server that it is given: another host that sees it
 * shares these very files, and does not merely hold what was left there from an earlier stay.
 */
export function hostMarker(host: HostName): string {
  return `on-${host}`;
}

/** What reading a host's machine-id file gave. */
export type MachineIdReading =
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'unreadable'; readonly file: string; readonly why: string }
  | { readonly state: 'read'; readonly file: string; readonly text: string };

/**
 * Hosts that say they are the same machine: guests there can be given the same serial, or libvirt refuses to
 * migrate between them.
 */
export interface SharedIdentity {
  readonly identity: 'machine-id' | 'hardware-uuid';
  readonly value: string;
  readonly hosts: readonly HostName[];
}
