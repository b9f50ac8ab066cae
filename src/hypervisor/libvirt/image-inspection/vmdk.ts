import { hasText, type ImageBytes, readAt } from './image-bytes.ts';
import type { InspectionOptions, Inspector } from './inspector.ts';

const MAGIC = 'KDMV';
const SECTOR = 512;
/** A descriptor of more sectors than this is not one. */
const MAX_DESCRIPTOR_SECTORS = 2048;
/** The grain directory's place in the header of a stream-optimized image: it is in the footer. */
const GD_AT_END = 0xffffffffffffffffn;

/** Lines that a descriptor may have beside comments and extents (VMware's Virtual Disk Format 5.0). */
const KNOWN_LINE = /^(version|encoding|cid|parentcid|createtype|isnativesnapshot|ddb\.[a-z0-9_.]+)\s*=/i;
const EXTENT_LINE = /^(rw|rdonly|noaccess)\s/i;

/** VMDK: only sparse images that hold all of themselves, of the types that configuration allows. */
export const vmdk: Inspector = {
  format: 'vmdk',
  matches: async (image) =>
    (await hasText(image, 0, MAGIC)) || (await hasText(image, 0, '# Disk DescriptorFile')),
  async danger(image, options) {
    if (!(await hasText(image, 0, MAGIC))) return 'is a VMDK descriptor that names other files';
    const header = await readAt(image, 0, SECTOR);
    if (header.length < SECTOR) return 'has a VMDK header that is cut off';
    if (header.readBigUInt64LE(56) === GD_AT_END) {
      const problem = await footerDanger(image, header);
      if (problem !== null) return problem;
    }
    const offset = header.readBigUInt64LE(28) * BigInt(SECTOR);
    const sectors = header.readBigUInt64LE(36);
    if (offset === 0n || sectors === 0n) return 'has no VMDK descriptor';
    if (sectors > BigInt(MAX_DESCRIPTOR_SECTORS) || offset > BigInt(image.size))
      return 'has a bad VMDK descriptor';
    const descriptor = await readAt(image, Number(offset), Number(sectors) * SECTOR);
    return descriptorDanger(descriptor, options);
  },
};

/** A footer that says other things than the header would be read by one program and not by another. */
async function footerDanger(image: ImageBytes, header: Buffer): Promise<string | null> {
  const tail = await readAt(image, image.size - 3 * SECTOR, 3 * SECTOR);
  if (tail.length < 3 * SECTOR) return 'has no VMDK footer';
  const marker = tail.subarray(0, SECTOR);
  const footer = tail.subarray(SECTOR, 2 * SECTOR);
  const end = tail.subarray(2 * SECTOR);
  const FOOTER_MARKER = 3;
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

function descriptorDanger(sectors: Buffer, { vmdkAllowedTypes }: InspectionOptions): string | null {
  const end = sectors.indexOf(0);
  const bytes = end < 0 ? sectors : sectors.subarray(0, end);
  if (bytes.some((byte) => byte > 0x7e)) return 'has a VMDK descriptor that is not plain ASCII';
  const lines = bytes
    .toString('latin1')
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines[0]?.toLowerCase() !== '# disk descriptorfile') return 'has no VMDK descriptor';
  let extents = 0;
  let type: string | undefined;
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    if (EXTENT_LINE.test(line)) {
      if (line.includes('/')) return 'has a VMDK extent with a path';
      extents++;
    } else if (!KNOWN_LINE.test(line)) {
      return 'has an unknown line in its VMDK descriptor';
    }
    type = /^createtype\s*=\s*"?([^"]*)"?$/i.exec(line)?.[1] ?? type;
    const parent = /^parentcid\s*=\s*(.*)$/i.exec(line)?.[1];
    if (parent !== undefined && parent.toLowerCase() !== 'ffffffff') return 'has a parent image';
  }
  if (extents === 0) return 'has a VMDK descriptor without extents';
  if (type === undefined || !vmdkAllowedTypes.includes(type)) {
    const allowed =
      vmdkAllowedTypes.length === 0 ? 'none is allowed here' : `allowed are ${vmdkAllowedTypes.join(', ')}`;
    return `is VMDK of type '${type ?? ''}': ${allowed}`;
  }
  return null;
}
