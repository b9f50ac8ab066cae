import { ACCEPTED_BOOLEANS, parseFlexibleBoolean } from './flexible-boolean.ts';
import { isUuid } from './ids.ts';
import { parseVersionRange } from './version-range.ts';

/**
 * The accepted values of the properties that choose virtual hardware, in any case, with spaces around them
 * ignored. The names are those of nova/objects/image_meta.py ImageMetaProps.
 */
export const hardwareValues = {
  hw_disk_bus: ['virtio', 'scsi', 'sata', 'ide', 'usb'],
  hw_scsi_model: ['virtio-scsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'vmpvscsi'],
  hw_cdrom_bus: ['ide', 'sata', 'scsi', 'usb'],
  hw_vif_model: ['virtio', 'e1000', 'e1000e', 'rtl8139', 'ne2k_pci', 'pcnet'],
  hw_video_model: ['none', 'vga', 'cirrus', 'virtio', 'qxl', 'bochs'],
  hw_firmware_type: ['bios', 'uefi'],
} as const;

/** An image property that has an effect in Nameplate. */
export interface ImageProperty {
  readonly name: string;
  /**
   * The property's name before Nova renamed it (nova/objects/image_meta.py
   * ImageMetaProps._legacy_property_map).
   */
  readonly olderName?: string;
  /** Completes the sentence "accepted is …". */
  readonly accepts: string;
  readonly isValid: (value: string) => boolean;
  /** The effect on a guest, for the reference. */
  readonly effect: string;
}

/** Linux on x86 ignores the rest of a longer command line (COMMAND_LINE_SIZE). */
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
 * Every property that has an effect in Nameplate. Other properties are stored, shown and copied to servers
 * and snapshots.
 */
export const knownImageProperties: readonly ImageProperty[] = [
  {
    name: 'hw_unique_serial',
    accepts: ACCEPTED_BOOLEANS,
    isValid: (value) => parseFlexibleBoolean(value) !== undefined,
    effect:
      "True gives every server of this image its own UUID as its serial. False gives it the host's serial, even on a host with `sysinfo_serial = unique`. Unset leaves the decision to the flavor and the host. True on the flavor or the image takes precedence. Snapshots of such a server inherit the property.",
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
    effect: "The guest's machine type. Unset: libvirt's default for the architecture.",
  },
  hardware('hw_firmware_type', 'Whether the guest starts with BIOS or UEFI. Unset: BIOS on x86.'),
  hardware('hw_disk_bus', 'How the disk is attached. Unset: `virtio`.'),
  hardware(
    'hw_scsi_model',
    "The controller of a disk on the bus `scsi`. Unset: libvirt's default for the machine type.",
  ),
  hardware(
    'hw_cdrom_bus',
    'How the config drive is attached. Unset: `sata` on q35, `ide` on other x86 machines, else `scsi`.',
  ),
  hardware('hw_vif_model', 'The kind of network interface. Unset: `virtio`.'),
  hardware('hw_video_model', 'The kind of graphics device. Unset: `virtio`, on POWER `vga`.'),
  {
    name: 'hw_qemu_guest_agent',
    accepts: ACCEPTED_BOOLEANS,
    isValid: (value) => value === '' || parseFlexibleBoolean(value) !== undefined,
    effect:
      'Whether the guest gets the channel of the QEMU guest agent, `org.qemu.guest_agent.0`. Unset: no.',
  },
  {
    name: 'auto_disk_config',
    accepts: 'any text: a boolean, or Disabled, which forbids AUTO; any other text means false',
    isValid: () => true,
    effect: 'Whether the disk configuration of a server is AUTO if its request does not set it.',
  },
  ofHost('hw_architecture', 'architecture', 'Servers go only to hosts of this architecture, like x86_64.'),
  {
    name: 'hw_emulation_architecture',
    accepts: 'x86_64: guests have the architecture of their host; Nameplate does not emulate another',
    isValid: (value) => ['', 'x86_64', 'amd64'].includes(value.trim().toLowerCase()),
    effect: 'Servers go only to hosts of this architecture, where they run without emulation.',
  },
  ofHost(
    'img_hv_type',
    'hypervisor_type',
    'Servers go only to hosts with this hypervisor. Nameplate takes qemu and kvm for the same.',
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
