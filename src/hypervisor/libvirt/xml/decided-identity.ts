import type { GuestPlan } from '../../../model/guest.ts';
import {
  type DiskRole,
  diskSerialOf,
  type GuestController,
  type MachineIdentity,
  machineTypeToDefine,
  type SmbiosNames,
} from '../../../model/machine-identity.ts';
import { machineTypeOfImage } from './hardware.ts';
import { hasSmbios, smbiosNames } from './sysinfo.ts';

/** What a definition is to say of its guest's identity. */
export interface DecidedIdentity {
  readonly smbios: SmbiosNames | null;
  /**
   * undefined: libvirt takes the default of its emulator, and the identity read back says which one that is.
   */
  readonly machineType: string | undefined;
  /** undefined: the disk has none. */
  readonly diskSerial: (role: DiskRole) => string | undefined;
  readonly addresses: Readonly<Record<string, string>>;
  readonly controllers: readonly GuestController[];
}

/** What an identity is decided from. */
export interface IdentityInputs {
  readonly plan: GuestPlan;
  /** What the guest had so far; null: it is new. */
  readonly held: MachineIdentity | null;
  readonly arch: string;
  /** Nameplate's version. */
  readonly version: string;
  /** `[libvirt] hw_machine_type` of this host for its architecture. */
  readonly hostMachineType: string | undefined;
}

/**
 * Decides what a guest is known by from its next start on: what is held, and for the rest the image, the
 * host's configuration and Nameplate's own values. The bus layout is held with the machine type that it
 * belongs to.
 * @throws {Failure} `invalid` when the image's machine type is no name
 */
export function decideIdentity(inputs: IdentityInputs): DecidedIdentity {
  const { plan, held, arch, version, hostMachineType } = inputs;
  const machineType = machineTypeToDefine(held, machineTypeOfImage(plan)) ?? hostMachineType;
  const isSameMachine = held !== null && held.machineType === machineType;
  const newDisksHaveSerials = held === null || held.diskSerials.root !== undefined;
  return {
    smbios: hasSmbios(arch) ? (held?.smbios ?? smbiosNames(version)) : null,
    machineType,
    diskSerial: (role) =>
      held?.diskSerials[role] ?? (newDisksHaveSerials ? diskSerialOf(plan.serverId, role) : undefined),
    addresses: isSameMachine ? held.addresses : {},
    controllers: isSameMachine ? held.controllers : [],
  };
}
