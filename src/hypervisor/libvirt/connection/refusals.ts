import type { FailureKind } from '../../../model/failure.ts';

/** The meaning of an error text of libvirt, or of QEMU through libvirt. */
interface Refusal {
  readonly pattern: RegExp;
  readonly kind: FailureKind;
  /**
   * For the user, what to change in the flavor or image, as the end of a sentence. Null when only an
   * operator can repair it.
   */
  readonly user: string | null;
}

const MACHINE = 'image property hw_machine_type';

/**
 * The known refusals; the first match counts. Texts for users never repeat libvirt's text, which names
 * paths, command lines and devices of the host. The patterns are for libvirt 9.0 and QEMU 7.2;
 * `refusals.test.ts` tests them with texts of real ones.
 */
const REFUSALS: readonly Refusal[] = [
  // For operators. They come first, because their texts may be part of other texts.
  { pattern: /no space left on device|disk quota exceeded/i, kind: 'out-of-space', user: null },
  { pattern: /cannot (?:allocate|set up guest) memory/i, kind: 'out-of-space', user: null },
  { pattern: /permission denied|operation not permitted/i, kind: 'internal', user: null },
  {
    pattern: /network not found|network '[^']*' is not active|cannot get interface mtu/i,
    kind: 'internal',
    user: null,
  },
  // libxml2 fills its table of types without a lock. If a fresh libvirtd checks two definitions at once, one
  // of them may see an incomplete table. The next try succeeds.
  { pattern: /unable to parse rng/i, kind: 'unavailable', user: null },
  { pattern: /domain '[^']*' is already defined with uuid/i, kind: 'conflict', user: null },
  // For users.
  {
    pattern: /unable to find any firmware to satisfy 'efi'/i,
    kind: 'invalid',
    user: 'it has no UEFI firmware for this guest (image property hw_firmware_type)',
  },
  {
    pattern: /does not support machine type|unsupported machine type/i,
    kind: 'invalid',
    user: `it has no such machine type (${MACHINE})`,
  },
  {
    pattern: /no pci buses available/i,
    kind: 'invalid',
    user: `the machine type is not known, or has no PCI bus for the guest's devices (${MACHINE})`,
  },
  {
    pattern: /no more available pci slots|no more available pci addresses/i,
    kind: 'invalid',
    user: `the machine type has no PCI slot left for all of the guest's devices (${MACHINE})`,
  },
  {
    pattern: /ide controllers are unsupported/i,
    kind: 'invalid',
    user: `the machine type has no IDE controller (image properties hw_disk_bus, hw_cdrom_bus, hw_machine_type)`,
  },
  {
    pattern: /usb is disabled for this domain/i,
    kind: 'invalid',
    user: 'the guest has no USB controller (image properties hw_disk_bus, hw_cdrom_bus)',
  },
  {
    pattern: /maximum cpus greater than specified machine type limit/i,
    kind: 'invalid',
    user: `the machine type takes fewer vCPUs than the flavor has (${MACHINE})`,
  },
  {
    pattern:
      /unsupported controller model|controller model .* is not supported|unable to determine model for scsi controller/i,
    kind: 'invalid',
    user: 'it has no such SCSI controller (image property hw_scsi_model)',
  },
  {
    pattern: /does not support video model|unsupported video model/i,
    kind: 'invalid',
    user: 'it has no such graphics device (image property hw_video_model)',
  },
  {
    pattern: /is not a valid device model name/i,
    kind: 'invalid',
    user: 'it has no such device (image properties hw_vif_model, hw_video_model, hw_scsi_model)',
  },
  {
    pattern: /no emulator found for arch/i,
    kind: 'invalid',
    user: 'it runs no guests of this architecture (image property hw_architecture)',
  },
  {
    pattern: /invalid kernel header|linux kernel too old to load a ram disk|could not load kernel/i,
    kind: 'invalid',
    user: 'the kernel of the image cannot be booted (image property kernel_id)',
  },
  {
    pattern: /could not load initrd|initrd is too large|could not open initrd/i,
    kind: 'invalid',
    user: 'the RAM disk of the image cannot be loaded (image property ramdisk_id)',
  },
];

/** The meaning of libvirt's text, if it is a known refusal. Pure. */
export function knownRefusal(message: string): Omit<Refusal, 'pattern'> | undefined {
  return REFUSALS.find(({ pattern }) => pattern.test(message));
}

/** All texts of refusals for users. */
export const USER_REFUSALS: readonly string[] = REFUSALS.flatMap(({ user }) => user ?? []);
