import type { ServerId } from './ids.ts';

/** The text of a guest's SMBIOS system table, without serial and UUID, which have rules of their own. */
export interface SmbiosNames {
  readonly manufacturer: string;
  readonly product: string;
  readonly version: string;
  readonly family: string;
}

/** The local disks of a guest. */
export const DISK_ROLES = ['root', 'ephemeral', 'swap', 'config'] as const;
export type DiskRole = (typeof DISK_ROLES)[number];

/** A controller of a guest, as libvirt's `<controller>` describes it; the values are libvirt's. */
export interface GuestController {
  readonly type: string;
  readonly index: number;
  readonly model: string | null;
  /** What QEMU calls the device, where libvirt says it. */
  readonly modelName: string | null;
  /** Of PCI bridges and root ports: what the guest sees of them. */
  readonly target: Readonly<Record<string, string>>;
  /** null: the machine type fixes its place. */
  readonly address: string | null;
}

/**
 * What a guest is known by beside its serial and its ports. It is decided when the guest is first defined,
 * and each later definition repeats it, on whatever host.
 */
export interface MachineIdentity {
  /** null: the architecture has no SMBIOS. */
  readonly smbios: SmbiosNames | null;
  /** The canonical name, such as `pc-i440fx-7.2`. */
  readonly machineType: string;
  /** Serials of local disks. Disks of servers that release 0.1 made have none. */
  readonly diskSerials: Readonly<Partial<Record<DiskRole, string>>>;
  /**
   * PCI addresses as libvirt assigned them, by device: `disk/root`, `interface/fa:16:3e:00:00:01`,
   * `memballoon/0`.
   */
  readonly addresses: Readonly<Record<string, string>>;
  readonly controllers: readonly GuestController[];
}

/** Four letters for each disk in its serial. */
const ROLE_CODES: Readonly<Record<DiskRole, string>> = {
  root: 'root',
  ephemeral: 'eph0',
  swap: 'swap',
  config: 'conf',
};

/**
 * The serial of a local disk: 20 characters, the most that virtio, IDE and SATA disks have. 16 hexadecimal
 * digits come from the server's id, the rest from the disk's role.
 */
export function diskSerialOf(server: ServerId, role: DiskRole): string {
  return `${server.replaceAll('-', '').slice(0, 16)}${ROLE_CODES[role]}`;
}

/**
 * The identity after another definition: what was held stays, and devices that are new are added. A device
 * that is gone keeps its entry, so that it comes back as it was.
 */
export function heldIdentity(held: MachineIdentity | null, defined: MachineIdentity): MachineIdentity {
  if (held === null || held.machineType !== defined.machineType) return defined;
  const controllers = new Map(
    [...defined.controllers, ...held.controllers].map((each) => [`${each.type}/${each.index}`, each]),
  );
  return {
    smbios: held.smbios,
    machineType: held.machineType,
    diskSerials: { ...defined.diskSerials, ...held.diskSerials },
    addresses: { ...defined.addresses, ...held.addresses },
    controllers: [...controllers.values()],
  };
}

/** The family of a machine type: `pc` of `pc-i440fx-7.2`, `q35` of `pc-q35-6.2`; others are their own. */
function familyOf(machineType: string): string {
  const [, family] = /^(?:pc-)?(i440fx|q35)(?:-|$)/.exec(machineType) ?? [];
  if (family !== undefined) return family === 'i440fx' ? 'pc' : family;
  return machineType.replace(/-\d[\d.]*$/, '');
}

/**
 * The machine type of the next definition: the one that the server has, unless its image names another. An
 * image that names the family alone (`pc`) accepts each version of it.
 * @param wanted what the image names; undefined: nothing
 */
export function machineTypeToDefine(
  held: MachineIdentity | null | undefined,
  wanted: string | undefined,
): string | undefined {
  if (held === null || held === undefined) return wanted;
  if (wanted === undefined || wanted === held.machineType) return held.machineType;
  return wanted === familyOf(held.machineType) ? held.machineType : wanted;
}
