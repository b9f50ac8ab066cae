import { Failure } from '../../../model/failure.ts';
import { parseFlexibleBoolean } from '../../../model/flexible-boolean.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import { hardwareValues } from '../../../model/image-property.ts';

type Words = typeof hardwareValues;

/** The virtual hardware that image properties can choose. */
export interface Hardware {
  readonly diskBus: Words['hw_disk_bus'][number];
  readonly cdromBus: Words['hw_cdrom_bus'][number];
  readonly scsiModel: Words['hw_scsi_model'][number] | undefined;
  readonly vifModel: Words['hw_vif_model'][number];
  /** Undefined: the image does not name one. */
  readonly videoModel: Words['hw_video_model'][number] | undefined;
  /** Whether the image has a guest agent. */
  readonly guestAgent: boolean;
  readonly uefi: boolean;
  readonly rng: boolean;
  /** The kernel's command line, if the image has one. */
  readonly commandLine: string | undefined;
}

function chosen<Name extends keyof Words>(plan: GuestPlan, property: Name): Words[Name][number] | undefined {
  const words: readonly Words[Name][number][] = hardwareValues[property];
  const value = plan.image.properties[property];
  if (value === undefined || value === '') return undefined;
  const word = words.find((candidate) => candidate === value.trim().toLowerCase());
  if (word !== undefined) return word;
  throw new Failure(
    'invalid',
    `Image property ${property} is '${value}', but must be one of ${words.join(', ')}.`,
  );
}

/**
 * The machine type that the image names; undefined: none.
 * @throws {Failure} `invalid` when it is no name
 */
export function machineTypeOfImage(plan: GuestPlan): string | undefined {
  const value = plan.image.properties.hw_machine_type;
  if (value === undefined || value === '') return undefined;
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(value)) return value;
  throw new Failure(
    'invalid',
    `Image property hw_machine_type is '${value}', but must be the name of a machine type, such as pc or q35.`,
  );
}

/** Whether the image asks for UEFI firmware. @throws {Failure} `invalid` when it asks for neither */
export function hasUefi(plan: GuestPlan): boolean {
  return chosen(plan, 'hw_firmware_type') === 'uefi';
}

function defaultCdromBus(arch: string, machineType: string | undefined): Hardware['cdromBus'] {
  if (arch !== 'x86_64' && arch !== 'i686') return 'scsi';
  return machineType?.includes('q35') ? 'sata' : 'ide';
}

/**
 * The hardware of a plan: its image's properties, or Nova's defaults (nova/virt/libvirt/blockinfo.py
 * get_disk_bus_for_device_type).
 * @throws {Failure} `invalid` when a property has an unknown value
 */
export function hardwareOf(plan: GuestPlan, arch: string, machineType: string | undefined): Hardware {
  return {
    diskBus: chosen(plan, 'hw_disk_bus') ?? 'virtio',
    cdromBus: chosen(plan, 'hw_cdrom_bus') ?? defaultCdromBus(arch, machineType),
    scsiModel: chosen(plan, 'hw_scsi_model'),
    vifModel: chosen(plan, 'hw_vif_model') ?? 'virtio',
    videoModel: chosen(plan, 'hw_video_model'),
    guestAgent: parseFlexibleBoolean(plan.image.properties.hw_qemu_guest_agent ?? '') ?? false,
    uefi: hasUefi(plan),
    rng: !/^(0|f|false|off|n|no)$/i.test(plan.flavor.extraSpecs['hw_rng:allowed']?.trim() ?? ''),
    commandLine: plan.image.properties.os_command_line,
  };
}
