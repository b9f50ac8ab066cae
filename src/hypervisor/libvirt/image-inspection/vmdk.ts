import { hasText, type ImageBytes, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';
import { descriptorDanger } from './vmdk-descriptor.ts';

const MAGIC = 'KDMV';
const SECTOR = 512;
/** The sector where QEMU reads a parent, whatever the header says (block/vmdk.c, `desc_offset = 0x200`). */
const DESCRIPTOR_SECTOR = 1n;
/** A longer descriptor is malformed: QEMU reads 1 MiB of it. */
const MAX_DESCRIPTOR_SECTORS = 2046n;
const LAST_VERSION = 3;
/** The grain directory's position in a stream-optimized image: the footer has it. */
const GD_AT_END = 0xffffffffffffffffn;
const FOOTER_MARKER = 3;

/**
 * VMDK. Accepted only as a sparse image with all data in one file, of the types that configuration allows.
 */
export const vmdk: Inspector = {
  format: 'vmdk',
  matches: async (image) =>
    (await hasText(image, 0, MAGIC)) || (await hasText(image, 0, '# Disk DescriptorFile')),
  async danger(image, { vmdkAllowedTypes }) {
    if (!(await hasText(image, 0, MAGIC))) return 'is a VMDK descriptor that names other files';
    const header = await readAt(image, 0, SECTOR);
    if (header.length < SECTOR) return 'has a VMDK header that is cut off';
    const problem = headerDanger(header);
    if (problem !== null) return problem;
    if (header.readBigUInt64LE(56) === GD_AT_END) {
      const footer = await footerDanger(image, header);
      if (footer !== null) return footer;
    }
    const length = Number(header.readBigUInt64LE(36)) * SECTOR;
    const descriptor = await readAt(image, SECTOR, length);
    const end = descriptor.indexOf(0);
    if (descriptor.length < length || end < 0) return 'has a VMDK descriptor that does not end';
    // Programs that read to the end of the sectors must see the same as programs that stop at the first NUL.
    if (descriptor.subarray(end).some((byte) => byte !== 0))
      return 'has a VMDK descriptor with something behind its end';
    return descriptorDanger(descriptor.toString('latin1', 0, end), vmdkAllowedTypes);
  },
};

function headerDanger(header: Buffer): string | null {
  const version = header.readUInt32LE(4);
  if (version === 0 || version > LAST_VERSION)
    return `is VMDK of version ${version}, but only 1 to ${LAST_VERSION} are known`;
  // QEMU takes such a file for a bare descriptor, whose extents are other files.
  if (header.readBigUInt64LE(12) === 0n) return 'has a VMDK header without a capacity';
  const sectors = header.readBigUInt64LE(36);
  if (header.readBigUInt64LE(28) === 0n || sectors === 0n) return 'has no VMDK descriptor';
  if (header.readBigUInt64LE(28) !== DESCRIPTOR_SECTOR || sectors > MAX_DESCRIPTOR_SECTORS)
    return 'has a bad VMDK descriptor';
  return null;
}

/** Checks that the footer agrees with the header: some programs read one, some the other. */
async function footerDanger(image: ImageBytes, header: Buffer): Promise<string | null> {
  // QEMU computes the footer's position in whole sectors from the end.
  if (image.size % SECTOR !== 0) return 'has a VMDK footer that is out of place';
  const tail = await readAt(image, image.size - 3 * SECTOR, 3 * SECTOR);
  if (tail.length < 3 * SECTOR) return 'has no VMDK footer';
  const marker = tail.subarray(0, SECTOR);
  const footer = tail.subarray(SECTOR, 2 * SECTOR);
  const end = tail.subarray(2 * SECTOR);
  if (
    marker.readBigUInt64LE(0) !== 1n ||
    marker.readUInt32LE(8) !== 0 ||
    marker.readUInt32LE(12) !== FOOTER_MARKER
  )
    return 'has a bad VMDK footer marker';
  if (end.some((byte) => byte !== 0)) return 'has a bad VMDK end-of-stream marker';
  const same =
    footer.subarray(0, 56).equals(header.subarray(0, 56)) && footer.subarray(64).equals(header.subarray(64));
  return same ? null : 'has a VMDK footer that differs from its header';
}
