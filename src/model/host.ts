import type { HostCpu } from './guest-cpu.ts';
import type { HostName } from './ids.ts';
import type { NetworkAbilities } from './network/network-abilities.ts';

/** The total resources of a compute host. Memory in MiB, disk in GiB. */
export interface HostCapacity {
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
}

/** A hypervisor driver's description of its host. */
export interface HostDescription {
  readonly hypervisorType: string;
  /** In libvirt's form: major × 1,000,000 + minor × 1,000 + release */
  readonly hypervisorVersion: number;
  readonly hypervisorHostname: string;
  readonly arch: string;
  readonly cpuInfo: Readonly<Record<string, unknown>>;
  readonly capacity: HostCapacity;
  /** The host UUID in libvirt's capabilities, dashed lower case; null when it has none. */
  readonly hardwareUuid: string | null;
  /** Whether guests on this host can have a serial at all (x86 with SMBIOS). */
  readonly givesSerial: boolean;
  /** Keys of `FEATURES`. An agent of another release may report others, or fewer. */
  readonly features: readonly string[];
  /** Absent where the driver does not report it. The scheduler then does not compare images with it. */
  readonly platforms?: GuestPlatforms;
  /** Absent where the driver does not report it. */
  readonly guestCpu?: HostCpu;
  /**
   * The folder of its guests' files; absent where it does not matter. Live migration needs the same path on
   * both hosts.
   */
  readonly instancesPath?: string;
}

/** The virtual platforms that a host offers to guests. */
export interface GuestPlatforms {
  /** QEMU's machine types for the host's architecture. */
  readonly machineTypes: readonly string[];
  readonly firmware: readonly ('bios' | 'uefi')[];
}

/** A compute host as the control plane knows it. Times are epoch milliseconds. */
export interface ComputeHost extends HostDescription {
  readonly name: HostName;
  readonly hostIp: string;
  /** A sequence number: the integer id of hypervisor and service below microversion 2.53. */
  readonly number: number;
  /** UUIDs of hypervisor and service from 2.53. */
  readonly hypervisorId: string;
  readonly serviceId: string;
  readonly zone: string;
  readonly disabledReason: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly forcedDown: boolean;
  /**
   * When the control plane received the last report, by the wall clock. Only for display: the clock may jump.
   */
  readonly lastSeenAt: number;
  /** Time since the last report when the row was read, by a monotonic clock. Milliseconds. */
  readonly silentMs: number;
  readonly startedAt: number;
  /** `[libvirt] sysinfo_serial` of the host. */
  readonly serialOption: 'none' | 'os' | 'hardware' | 'auto' | 'unique';
  /** The content of the host's machine-id file at its last report. */
  readonly machineId: MachineIdReading;
  /** The agent's release of Nameplate. */
  readonly version: string;
  /**
   * The protocol version of the agent's messages; absent for release 0.1, which reports none (`protocolOf`).
   */
  readonly protocol?: number;
  /** Absent until an agent that reports it has reported. */
  readonly uptime?: HostUptime;
  /** What its network backend can do; absent where the agent reports none. */
  readonly networks?: NetworkAbilities;
}

/** Boot time and load of a host, as the command `uptime` prints them. */
export interface HostUptime {
  /** Epoch milliseconds */
  readonly bootedAt: number;
  /** Averages over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly [number, number, number];
}

/**
 * The name of the mark file that a host leaves among the files of each of its servers. A host that sees the
 * mark of another host shares these files. Without the mark, they may be a leftover of an earlier stay.
 */
export function hostMarker(host: HostName): string {
  return `on-${host}`;
}

/** The result of reading a host's machine-id file. */
export type MachineIdReading =
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'unreadable'; readonly file: string; readonly why: string }
  | { readonly state: 'read'; readonly file: string; readonly text: string };

/**
 * Hosts that report the same identity. Their guests can get the same serial, or libvirt refuses to migrate
 * between them.
 */
export interface SharedIdentity {
  readonly identity: 'machine-id' | 'hardware-uuid';
  readonly value: string;
  readonly hosts: readonly HostName[];
}
