import type { RecordedCpu } from './guest-cpu.ts';
import type { ServerId } from './ids.ts';
import type { MacAddress } from './network/network-ids.ts';

/**
 * The texts of a guest's SMBIOS system table, without serial and UUID, which have rules of their own. An
 * empty text: the table has no such entry.
 */
export interface SmbiosNames {
  readonly manufacturer: string;
  readonly product: string;
  readonly version: string;
  readonly family: string;
}

export const SMBIOS_NAMES = ['manufacturer', 'product', 'version', 'family'] as const;

/** The texts, each as it is found by its name. */
export function smbiosTexts(textOf: (name: keyof SmbiosNames) => string): SmbiosNames {
  const texts = SMBIOS_NAMES.map((name) => [name, textOf(name)] as const);
  return Object.fromEntries(texts) as Record<keyof SmbiosNames, string>;
}

/** The local disks of a guest. */
export const DISK_ROLES = ['root', 'ephemeral', 'swap', 'config'] as const;
export type DiskRole = (typeof DISK_ROLES)[number];

/** A controller of a guest, as libvirt's `<controller>` describes it; the values are libvirt's. */
export interface GuestController {
  readonly type: string;
  readonly index: number;
  readonly model: string | null;
  /** QEMU's name of the device, if libvirt reports it. */
  readonly modelName: string | null;
  /** Values of PCI bridges and root ports that the guest sees. */
  readonly target: Readonly<Record<string, string>>;
  /** null: the machine type fixes its place. */
  readonly address: string | null;
}

/**
 * The machine identity of a guest, apart from its serial and its ports. It is decided at the first
 * definition, and every later definition on any host repeats it.
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
  /** Absent where release 0.1 defined the guest, and it has not been started since. */
  readonly cpu?: RecordedCpu;
  /** The devices that every guest has beside those of its flavor, image and ports; absent: those of 0.1. */
  readonly devices?: number;
}

/** An interface as a definition has it. */
export interface GuestInterface {
  readonly mac: MacAddress;
  /** Name of the libvirt network or of the bridge that it is on. */
  readonly network: string;
}

/** What a definition says that its guest is known by. */
export interface ReadIdentity extends MachineIdentity {
  /** Absent in replies of agents that do not read them. */
  readonly interfaces?: readonly GuestInterface[];
}

/** Of release 0.1: a serial console, and video where the image names a model. */
const FIRST_DEVICES = 1;
/** Also a screen, and the channel of a guest agent where the image asks for one. */
const PRESENT_DEVICES = 2;

/** Whether the guest has a screen. Without a record it is a new one, which has. */
export function hasScreen(machine: Pick<MachineIdentity, 'devices'> | null): boolean {
  return machine === null || (machine.devices ?? FIRST_DEVICES) >= PRESENT_DEVICES;
}

/** The devices of a guest that has a screen or has none. */
export function devicesOf(screen: boolean): number {
  return screen ? PRESENT_DEVICES : FIRST_DEVICES;
}

/** The identity for a rebuild, which alone gives a guest the devices that an earlier release did not. */
export function withPresentDevices(machine: MachineIdentity | null): MachineIdentity | null {
  return machine && { ...machine, devices: PRESENT_DEVICES };
}

/** Four letters for each disk in its serial. */
const ROLE_CODES: Readonly<Record<DiskRole, string>> = {
  root: 'root',
  ephemeral: 'eph0',
  swap: 'swap',
  config: 'conf',
};

/**
 * The serial of a local disk: 20 characters, the maximum for virtio, IDE and SATA disks. 16 hexadecimal
 * digits come from the server's id, the rest from the disk's role.
 */
export function diskSerialOf(server: ServerId, role: DiskRole): string {
  return `${server.replaceAll('-', '').slice(0, 16)}${ROLE_CODES[role]}`;
}

/**
 * The identity after another definition: stored values stay, and new devices are added. A removed device
 * keeps its entry, so that it returns with the same values.
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
    controllers: sortedControllers([...controllers.values()]),
    devices: devicesOf(hasScreen(defined)),
    ...(defined.cpu && { cpu: defined.cpu }),
  };
}

/** By type and index: libvirt lists them in the order of the definition that it was given. */
export function sortedControllers(controllers: readonly GuestController[]): readonly GuestController[] {
  return controllers.toSorted((a, b) => a.type.localeCompare(b.type) || a.index - b.index);
}

/** The family of a machine type: `pc` of `pc-i440fx-7.2`, `q35` of `pc-q35-6.2`; others are their own. */
function familyOf(machineType: string): string {
  const [, family] = /^(?:pc-)?(i440fx|q35)(?:-|$)/.exec(machineType) ?? [];
  if (family !== undefined) return family === 'i440fx' ? 'pc' : family;
  return machineType.replace(/-\d[\d.]*$/, '');
}

/** QEMU's names for the newest version of a machine type (hw/i386/pc_piix.c and its neighbours: `alias`). */
const FAMILIES = new Set([
  'pc',
  'q35',
  'virt',
  's390-ccw-virtio',
  's390-ccw',
  'pseries',
  'ubuntu',
  'ubuntu-q35',
]);

/** Whether it names no version of a machine type, but whichever the host's emulator has as its newest. */
export function isMachineFamily(machineType: string): boolean {
  return FAMILIES.has(machineType);
}

/**
 * The machine type of the next definition: that of the server, unless its image names another. An image that
 * names only the family (`pc`) accepts every version of it.
 * @param wanted the machine type of the image; undefined if it names none
 * @param given what the server was imported with, which counts at its first definition
 */
export function machineTypeToDefine(
  held: MachineIdentity | null | undefined,
  wanted: string | undefined,
  given?: { readonly machineType?: string } | null,
): string | undefined {
  if (held === null || held === undefined) return given?.machineType ?? wanted;
  if (wanted === undefined || wanted === held.machineType) return held.machineType;
  return wanted === familyOf(held.machineType) ? held.machineType : wanted;
}
