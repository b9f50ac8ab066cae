import type { GuestPlan } from '../../../model/guest.ts';
import type { GuestCpu } from '../../../model/guest-cpu.ts';
import type { Attachment } from '../../../model/network/attachment.ts';
import type { DecidedIdentity } from './decided-identity.ts';

/** Paths of the files of a guest. */
export interface GuestFiles {
  readonly root: {
    readonly path: string;
    readonly format: 'qcow2' | 'raw';
    readonly device: 'disk' | 'cdrom';
  };
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly configDrive: string | null;
  readonly swap: string | null;
  readonly ephemeral: string | null;
  /** The variables of UEFI firmware, which libvirt creates at the first start; null with a BIOS. */
  readonly variables: string | null;
  readonly consoleLog: string;
}

/** The network of guests: none, or a libvirt network or bridge of this name. */
export type GuestNetwork =
  | { readonly type: 'none' }
  | { readonly type: 'network' | 'bridge'; readonly name: string };

/**
 * `[libvirt] cpu_mode`; null leaves the choice to the virtualization type (nova/conf/libvirt.py cpu_mode).
 */
export type CpuMode = 'host-model' | 'host-passthrough' | 'maximum' | 'custom' | 'none' | null;

/** All inputs of a domain's definition. */
export interface DomainInputs {
  readonly plan: GuestPlan;
  /** The SMBIOS system serial; null writes no serial entry. */
  readonly serial: string | null;
  readonly files: GuestFiles;
  /** Path of the raw backing file of the root disk, which is the whole chain; null when there is none. */
  readonly base: string | null;
  readonly identity: DecidedIdentity;
  /** Nameplate's version. */
  readonly version: string;
  /** Epoch milliseconds */
  readonly creationTime: number;
  readonly virtType: 'kvm' | 'qemu';
  /** libvirt's name for the host's architecture. */
  readonly arch: string;
  readonly cpuMode: CpuMode;
  readonly cpuModel: string | null;
  /** The CPU that the guest keeps (`[libvirt] hold_cpu`); null: the configuration says which. */
  readonly heldCpu: GuestCpu | null;
  /** What a server without ports has. */
  readonly network: GuestNetwork;
  /** How the interfaces of its ports are connected; absent for a server whose interfaces are not ports. */
  readonly attachments?: readonly Attachment[];
  readonly diskCache: 'none' | 'writeback';
  /** `uid:gid` of the guest's process, whose files keep their owners; null leaves it to libvirt. */
  readonly runAs: string | null;
}
