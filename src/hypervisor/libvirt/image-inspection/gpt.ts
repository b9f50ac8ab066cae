import { readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const PROTECTIVE = 0xee;
const TABLE_OFFSET = 446;
const ENTRY_LENGTH = 16;

interface Partition {
  readonly flag: number;
  readonly startCylinderHeadSector: readonly [number, number, number];
  readonly type: number;
  readonly firstSector: number;
}

function partitionsOf(sector: Buffer): Partition[] {
  return [0, 1, 2, 3].map((index) => {
    const entry = sector.subarray(
      TABLE_OFFSET + index * ENTRY_LENGTH,
      TABLE_OFFSET + (index + 1) * ENTRY_LENGTH,
    );
    return {
      flag: entry.readUInt8(0),
      startCylinderHeadSector: [entry.readUInt8(1), entry.readUInt8(2), entry.readUInt8(3)],
      type: entry.readUInt8(4),
      firstSector: entry.readUInt32LE(8),
    };
  });
}

/**
 * A file system's boot sector ends like that of a partition table, but begins with a jump and the parameters
 * of the file system.
 */
function isFileSystemBootSector(sector: Buffer): boolean {
  const jumps = (sector[0] === 0xeb && sector[2] === 0x90) || sector[0] === 0xe9;
  const media = sector.readUInt8(21);
  return jumps && (media === 0xf0 || media >= 0xf8) && sector.readUInt16LE(11) >= 512;
}

/** A disk with a partition table, GPT or MBR: raw content whose table must be valid. */
export const gpt: Inspector = {
  format: 'gpt',
  async matches(image) {
    const sector = await readAt(image, 0, 512);
    if (sector.length < 512 || sector.readUInt16LE(510) !== 0xaa55) return false;
    return !isFileSystemBootSector(sector);
  },
  async danger(image) {
    const partitions = partitionsOf(await readAt(image, 0, 512));
    for (const [index, partition] of partitions.entries())
      if (partition.flag !== 0 && partition.flag !== 0x80)
        return `has a bad boot flag in MBR partition ${index + 1}`;
    const used = partitions.filter((partition) => partition.type !== 0);
    if (used.length === 0) return 'has a partition table without partitions';
    const protective = used.find((partition) => partition.type === PROTECTIVE);
    if (protective === undefined) return null;
    // UEFI specification, section 5.2.3
    const [head, sector, cylinder] = protective.startCylinderHeadSector;
    if (head !== 0 || sector !== 2 || cylinder !== 0) return 'has a protective MBR with a bad starting CHS';
    if (protective.firstSector !== 1) return 'has a protective MBR with a bad starting LBA';
    return used.length > 1 ? 'has a protective MBR with other partitions beside it' : null;
  },
};
