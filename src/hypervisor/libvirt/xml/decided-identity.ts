import type { GuestPlan } from '../../../model/guest.ts';
import {
  type DiskRole,
  diskSerialOf,
  type GuestController,
  hasScreen,
  type MachineIdentity,
  machineTypeToDefine,
  type SmbiosNames,
} from '../../../model/machine-identity.ts';
import { machineTypeOfImage } from './hardware.ts';
import { hasSmbios, smbiosNames } from './sysinfo.ts';

/** The identity values of a definition. */
export interface DecidedIdentity {
  readonly smbios: SmbiosNames | null;
  /** Undefined: libvirt uses its emulator's default, and the identity is read back from the definition. */
  readonly machineType: string | undefined;
  /** Undefined: the disk has no serial. */
  readonly diskSerial: (role: DiskRole) => string | undefined;
  readonly addresses: Readonly<Record<string, string>>;
  readonly controllers: readonly GuestController[];
  /** Whether the guest has a screen and, where its image asks for it, a guest agent's channel. */
  readonly hasScreen: boolean;
}

/** Inputs of the decision. */
export interface IdentityInputs {
  readonly plan: GuestPlan;
  /** The guest's stored identity; null for a new guest. */
  readonly held: MachineIdentity | null;
  readonly arch: string;
  /** Nameplate's version. */
  readonly version: string;
  /** `[libvirt] hw_machine_type` of this host for its architecture. */
  readonly hostMachineType: string | undefined;
}

/**
 * Decides a guest's identity from its next start on: stored values stay, and the others come from the import,
 * the image, the host's configuration and Nameplate's defaults. The bus layout is stored with its machine
 * type.
 * @throws {Failure} `invalid` when the image's machine type is malformed
 */
export function decideIdentity(inputs: IdentityInputs): DecidedIdentity {
  const { plan, held, arch, version, hostMachineType } = inputs;
  const given = plan.given ?? { diskSerials: {} };
  const wanted = machineTypeToDefine(held, machineTypeOfImage(plan), given);
  const machineType = wanted ?? hostMachineType;
  const isSameMachine = held !== null && held.machineType === machineType;
  const newDisksHaveSerials =
    held === null || held.diskSerials.root !== undefined || given.diskSerials.root !== undefined;
  return {
    smbios: hasSmbios(arch) ? (held?.smbios ?? given.smbios ?? smbiosNames(version)) : null,
    machineType,
    diskSerial: (role) => {
      const stored = held?.diskSerials[role] ?? given.diskSerials[role];
      if (stored !== undefined) return stored ?? undefined;
      return newDisksHaveSerials ? diskSerialOf(plan.serverId, role) : undefined;
    },
    addresses: isSameMachine ? held.addresses : {},
    controllers: isSameMachine ? held.controllers : [],
    hasScreen: hasScreen(held),
  };
}
