import type { FailureKind } from '../../../model/failure.ts';

/** What one of libvirt's (or, through it, QEMU's) sentences means. */
interface Refusal {
  readonly says: RegExp;
  readonly kind: FailureKind;
  /**
   * Whose it is to mend: for the user, what of the flavor or image to change, as the end of a sentence; null
   * when only an operator can.
   */
  readonly user: string | null;
}

const MACHINE = 'image property hw_machine_type';

/**
 * The refusals that are known, by whose they are; the first that matches counts. No user's sentence repeats
 * any of libvirt's words: these name paths, command lines and devices of the host. Sentences of libvirt 9.0
 * and QEMU 7.2; `refusals.test.ts` feeds it what real ones say.
 */
const REFUSALS: readonly Refusal[] = [
  // the operator's: they come first, since they may stand within another sentence
  { says: /no space left on device|disk quota exceeded/i, kind: 'out-of-space', user: null },
  { says: /cannot (?:allocate|set up guest) memory/i, kind: 'out-of-space', user: null },
  { says: /permission denied|operation not permitted/i, kind: 'internal', user: null },
  {
    says: /network not found|network '[^']*' is not active|cannot get interface mtu/i,
    kind: 'internal',
    user: null,
  },
  // libxml2 fills its table of types without a lock: of two definitions that a fresh libvirtd checks at once,
  // one may meet it half full. The next try finds it filled.
  { says: /unable to parse rng/i, kind: 'unavailable', user: null },
  // the user's
  {
    says: /unable to find any firmware to satisfy 'efi'/i,
    kind: 'invalid',
    user: 'it has no UEFI firmware for this guest (image property hw_firmware_type)',
  },
  {
    says: /does not support machine type|unsupported machine type/i,
    kind: 'invalid',
    user: `it has no such machine type (${MACHINE})`,
  },
  {
    says: /no pci buses available/i,
    kind: 'invalid',
    user: `the machine type is not known, or has no PCI bus for the guest's devices (${MACHINE})`,
  },
  {
    says: /no more available pci slots|no more available pci addresses/i,
    kind: 'invalid',
    user: `the machine type has no PCI slot left for all of the guest's devices (${MACHINE})`,
  },
  {
    says: /ide controllers are unsupported/i,
    kind: 'invalid',
    user: `the machine type has no IDE controller (image properties hw_disk_bus, hw_cdrom_bus, hw_machine_type)`,
  },
  {
    says: /usb is disabled for this domain/i,
    kind: 'invalid',
    user: 'the guest has no USB controller (image properties hw_disk_bus, hw_cdrom_bus)',
  },
  {
    says: /maximum cpus greater than specified machine type limit/i,
    kind: 'invalid',
    user: `the machine type takes fewer vCPUs than the flavor has (${MACHINE})`,
  },
  {
    says: /unsupported controller model|controller model .* is not supported|unable to determine model for scsi controller/i,
    kind: 'invalid',
    user: 'it has no such SCSI controller (image property hw_scsi_model)',
  },
  {
    says: /does not support video model|unsupported video model/i,
    kind: 'invalid',
    user: 'it has no such graphics device (image property hw_video_model)',
  },
  {
    says: /is not a valid device model name/i,
    kind: 'invalid',
    user: 'it has no such device (image properties hw_vif_model, hw_video_model, hw_scsi_model)',
  },
  {
    says: /no emulator found for arch/i,
    kind: 'invalid',
    user: 'it runs no guests of this architecture (image property hw_architecture)',
  },
  {
    says: /invalid kernel header|linux kernel too old to load a ram disk|could not load kernel/i,
    kind: 'invalid',
    user: 'the kernel of the image cannot be booted (image property kernel_id)',
  },
  {
    says: /could not load initrd|initrd is too large|could not open initrd/i,
    kind: 'invalid',
    user: 'the RAM disk of the image cannot be loaded (image property ramdisk_id)',
  },
];

/** What a sentence of libvirt means, if it is a known refusal. Pure. */
export function knownRefusal(message: string): Omit<Refusal, 'says'> | undefined {
  return REFUSALS.find(({ says }) => says.test(message));
}

/** All that users may be told. */
export const USER_REFUSALS: readonly string[] = REFUSALS.flatMap(({ user }) => user ?? []);
