import type { GuestPlan } from '../../../model/guest.ts';
import type { DecidedIdentity } from './decided-identity.ts';

/** Paths of the files that a guest is made of. */
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
  readonly consoleLog: string;
}

/** How guests reach a network: not at all, or by a libvirt network or a bridge of this name. */
export type GuestNetwork =
  | { readonly type: 'none' }
  | { readonly type: 'network' | 'bridge'; readonly name: string };

/**
 * `[libvirt] cpu_mode`; null leaves the choice to the kind of virtualisation (nova/conf/libvirt.py cpu_mode).
 */
export type CpuMode = 'host-model' | 'host-passthrough' | 'maximum' | 'custom' | 'none' | null;

/** All that a domain's definition follows from. */
export interface DomainInputs {
  readonly plan: GuestPlan;
  /** The SMBIOS system serial; null writes no serial entry. */
  readonly serial: string | null;
  readonly files: GuestFiles;
  /** Path of the raw file below the root disk, which is all that is below it; null when it stands alone. */
  readonly base: string | null;
  readonly identity: DecidedIdentity;
  /** Nameplate's version. */
  readonly version: string;
  /** Epoch milliseconds */
  readonly creationTime: number;
  readonly virtType: 'kvm' | 'qemu';
  /** libvirt's name of the host's architecture. */
  readonly arch: string;
  readonly cpuMode: CpuMode;
  readonly cpuModel: string | null;
  readonly network: GuestNetwork;
  readonly diskCache: 'none' | 'writeback';
  /** `uid:gid` that the guest's process is to have, its files left as they are; null leaves it to libvirt. */
  readonly runAs: string | null;
}
