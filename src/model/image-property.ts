import { ACCEPTED_BOOLEANS, parseFlexibleBoolean } from './flexible-boolean.ts';
import { isUuid } from './ids.ts';
import { parseVersionRange } from './version-range.ts';

/**
 * The words of the properties that choose virtual hardware; any case, spaces around them ignored. The names
 * are those of nova/objects/image_meta.py ImageMetaProps.
 */
export const hardwareValues = {
  hw_disk_bus: ['virtio', 'scsi', 'sata', 'ide', 'usb'],
  hw_scsi_model: ['virtio-scsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'vmpvscsi'],
  hw_cdrom_bus: ['ide', 'sata', 'scsi', 'usb'],
  hw_vif_model: ['virtio', 'e1000', 'e1000e', 'rtl8139', 'ne2k_pci', 'pcnet'],
  hw_video_model: ['none', 'vga', 'cirrus', 'virtio', 'qxl', 'bochs'],
  hw_firmware_type: ['bios', 'uefi'],
} as const;

/** An image property that Nameplate acts on. */
export interface ImageProperty {
  readonly name: string;
  /**
   * The name that images had for it before Nova renamed it (nova/objects/image_meta.py
   * ImageMetaProps._legacy_property_map).
   */
  readonly olderName?: string;
  /** Completes "accepted is …". */
  readonly accepts: string;
  readonly isValid: (value: string) => boolean;
  /** What it does to a guest, for the reference. */
  readonly effect: string;
}

/** x86 Linux reads no more of its command line (COMMAND_LINE_SIZE). */
const MAX_COMMAND_LINE_LENGTH = 2048;

function hardware(name: keyof typeof hardwareValues, effect: string): ImageProperty {
  const words: readonly string[] = hardwareValues[name];
  return {
    name,
    accepts: `one of ${words.join(', ')}`,
    isValid: (value) => value === '' || words.includes(value.trim().toLowerCase()),
    effect,
  };
}

function imageId(name: string, effect: string): ImageProperty {
  return {
    name,
    accepts: 'the id of an image, a UUID',
    isValid: (value) => value === '' || isUuid(value.toLowerCase()),
    effect,
  };
}

function ofHost(name: string, olderName: string, effect: string): ImageProperty {
  return {
    name,
    olderName,
    accepts: "one word of letters, digits, '_' and '-'",
    isValid: (value) => /^[\w-]{0,64}$/.test(value.trim()),
    effect,
  };
}

/**
 * Every property that Nameplate acts on. Others are kept, shown and copied to servers and snapshots, without
 * effect.
 */
export const knownImageProperties: readonly ImageProperty[] = [
  {
    name: 'hw_unique_serial',
    accepts: ACCEPTED_BOOLEANS,
    isValid: (value) => parseFlexibleBoolean(value) !== undefined,
    effect:
      "True gives every server of this image its own UUID as its serial. False gives it the host's, also where the host would give each server its own. Unset leaves it to the flavor and the host. If flavor or image says true, true it is. Snapshots of such a server inherit it.",
  },
  imageId('kernel_id', 'The kernel to boot directly, without a boot loader.'),
  imageId('ramdisk_id', 'The initial RAM disk that goes with the kernel.'),
  {
    name: 'os_command_line',
    accepts: `one line of at most ${MAX_COMMAND_LINE_LENGTH} printable characters`,
    isValid: (value) => value.length <= MAX_COMMAND_LINE_LENGTH && !/\p{C}/u.test(value),
    effect: 'The command line of the kernel that `kernel_id` names.',
  },
  {
    name: 'hw_machine_type',
    accepts: "the name of a QEMU machine type, like pc or q35: letters, digits, '.', '_', '+' and '-'",
    isValid: (value) => value === '' || /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(value),
    effect: "The guest's machine type. Unset: what libvirt takes for the architecture.",
  },
  hardware('hw_firmware_type', 'Whether the guest starts with BIOS or UEFI. Unset: BIOS on x86.'),
  hardware('hw_disk_bus', 'How the disk is attached. Unset: `virtio`.'),
  hardware(
    'hw_scsi_model',
    'The controller of a disk on the bus `scsi`. Unset: what libvirt takes for the machine type.',
  ),
  hardware(
    'hw_cdrom_bus',
    'How the config drive is attached. Unset: `sata` on q35, `ide` on other x86 machines, else `scsi`.',
  ),
  hardware('hw_vif_model', 'The kind of network interface. Unset: `virtio`.'),
  hardware('hw_video_model', 'The kind of graphics device. Unset: `none`.'),
  {
    name: 'auto_disk_config',
    accepts: 'any text: a boolean, or Disabled, which forbids AUTO; all else is false',
    isValid: () => true,
    effect: 'Whether the disk configuration of a server is AUTO where its request does not say.',
  },
  ofHost('hw_architecture', 'architecture', 'Servers go only to hosts of this architecture, like x86_64.'),
  {
    name: 'hw_emulation_architecture',
    accepts: 'x86_64: guests have the architecture of their host, and Nameplate emulates no other',
    isValid: (value) => ['', 'x86_64', 'amd64'].includes(value.trim().toLowerCase()),
    effect: 'Servers go only to hosts of this architecture, which they have without emulation.',
  },
  ofHost(
    'img_hv_type',
    'hypervisor_type',
    'Servers go only to hosts with this hypervisor: qemu or kvm, which are one here.',
  ),
  {
    name: 'img_hv_requested_version',
    olderName: 'hypervisor_version_requires',
    accepts:
      'conditions on a version, like >=6.0,<8: each of <, <=, ==, !=, >=, > and a version, with commas between, at most 255 characters',
    isValid: (value) => value === '' || (value.length <= 255 && parseVersionRange(value) !== undefined),
    effect: 'Servers go only to hosts with a hypervisor of these versions: all conditions must hold.',
  },
  ofHost('hw_vm_mode', 'vm_mode', 'Servers go only to hosts with this VM mode: hvm is the only one.'),
];
