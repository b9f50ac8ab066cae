import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';

const DISK_BUSES = ['virtio', 'scsi', 'sata', 'ide', 'usb'] as const;
const CDROM_BUSES = ['ide', 'sata', 'scsi', 'usb'] as const;
const SCSI_MODELS = ['virtio-scsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'vmpvscsi'] as const;
const VIF_MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'ne2k_pci', 'pcnet'] as const;
const VIDEO_MODELS = ['none', 'vga', 'cirrus', 'virtio', 'qxl', 'bochs'] as const;

/** The virtual hardware that image properties may choose. */
export interface Hardware {
  readonly machineType: string | undefined;
  readonly diskBus: (typeof DISK_BUSES)[number];
  readonly cdromBus: (typeof CDROM_BUSES)[number];
  readonly scsiModel: (typeof SCSI_MODELS)[number] | undefined;
  readonly vifModel: (typeof VIF_MODELS)[number];
  readonly videoModel: (typeof VIDEO_MODELS)[number];
  readonly uefi: boolean;
  readonly rng: boolean;
  /** The kernel's command line, if the image says one. */
  readonly commandLine: string | undefined;
}

function chosen<Word extends string>(
  plan: GuestPlan,
  property: string,
  words: readonly Word[],
): Word | undefined {
  const value = plan.image.properties[property];
  if (value === undefined || value === '') return undefined;
  const word = words.find((candidate) => candidate === value.trim().toLowerCase());
  if (word !== undefined) return word;
  throw new Failure(
    'invalid',
    `Image property ${property} is '${value}', but must be one of ${words.join(', ')}.`,
  );
}

function machineTypeOf(plan: GuestPlan): string | undefined {
  const value = plan.image.properties.hw_machine_type;
  if (value === undefined || value === '') return undefined;
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(value)) return value;
  throw new Failure(
    'invalid',
    `Image property hw_machine_type is '${value}', but must be the name of a machine type, such as pc or q35.`,
  );
}

function defaultCdromBus(arch: string, machineType: string | undefined): Hardware['cdromBus'] {
  if (arch !== 'x86_64' && arch !== 'i686') return 'scsi';
  return machineType?.includes('q35') ? 'sata' : 'ide';
}

/**
 * The hardware of a plan: its image's properties, else what Nova takes by default (nova/virt/libvirt/blockinfo.py get_disk_bus_for_device_type).
 * @throws {Failure} `invalid` when a property has a word that is not accepted.
 */
export function hardwareOf(plan: GuestPlan, arch: string): Hardware {
  const machineType = machineTypeOf(plan);
  return {
    machineType,
    diskBus: chosen(plan, 'hw_disk_bus', DISK_BUSES) ?? 'virtio',
    cdromBus: chosen(plan, 'hw_cdrom_bus', CDROM_BUSES) ?? defaultCdromBus(arch, machineType),
    scsiModel: chosen(plan, 'hw_scsi_model', SCSI_MODELS),
    vifModel: chosen(plan, 'hw_vif_model', VIF_MODELS) ?? 'virtio',
    videoModel: chosen(plan, 'hw_video_model', VIDEO_MODELS) ?? 'none',
    uefi: chosen(plan, 'hw_firmware_type', ['bios', 'uefi'] as const) === 'uefi',
    rng: !/^(0|f|false|off|n|no)$/i.test(plan.flavor.extraSpecs['hw_rng:allowed']?.trim() ?? ''),
    commandLine: plan.image.properties.os_command_line,
  };
}
