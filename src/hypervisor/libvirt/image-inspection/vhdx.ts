import { hasText, type ImageBytes, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const KIB = 1024;
/** The first of two copies, which QEMU reads. */
const REGION_TABLE = 192 * KIB;
const TABLE_HEADER = { regions: 16, metadata: 32 };
const ENTRY_LENGTH = 32;
const MAX_ENTRIES = 2047;
/** MS-VHDX section 2.2.3.2 and 2.6.2.1, as bytes of the file. */
const METADATA_REGION = Buffer.from('06a27c8b90479a4bb8fe575f050f886e', 'hex');
const FILE_PARAMETERS = Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex');
const HAS_PARENT = 2;

/** VHDX (MS-VHDX section 2.2.1). Refused if it is a difference to another image. */
export const vhdx: Inspector = {
  format: 'vhdx',
  matches: (image) => hasText(image, 0, 'vhdxfile'),
  async danger(image) {
    if (!(await hasText(image, REGION_TABLE, 'regi'))) return 'has no VHDX region table';
    const regions = await entries(image, {
      at: REGION_TABLE,
      header: TABLE_HEADER.regions,
      count: 8,
      wide: true,
    });
    const region = only(regions, METADATA_REGION);
    if (region === null) return 'has no VHDX metadata region, or several';
    const at = Number(region.readBigUInt64LE(16));
    if (!(await hasText(image, at, 'metadata'))) return 'has no VHDX metadata table';
    const items = await entries(image, { at, header: TABLE_HEADER.metadata, count: 10, wide: false });
    const item = only(items, FILE_PARAMETERS);
    if (item === null) return 'has no VHDX file parameters, or several';
    const parameters = await readAt(image, at + item.readUInt32LE(16), 8);
    if (parameters.length < 8) return 'has VHDX file parameters that are cut off';
    return (parameters.readUInt32LE(4) & HAS_PARENT) === 0 ? null : 'has a parent image';
  },
};

/**
 * The position of a table, the length of its header, and the position and width of the number of entries in
 * it.
 */
interface Table {
  readonly at: number;
  readonly header: number;
  readonly count: number;
  readonly wide: boolean;
}

async function entries(image: ImageBytes, { at, header, count, wide }: Table): Promise<Buffer[]> {
  const front = await readAt(image, at, header);
  if (front.length < header) return [];
  const number = wide ? front.readUInt32LE(count) : front.readUInt16LE(count);
  const bytes = await readAt(image, at + header, Math.min(number, MAX_ENTRIES) * ENTRY_LENGTH);
  return Array.from({ length: Math.floor(bytes.length / ENTRY_LENGTH) }, (_, index) =>
    bytes.subarray(index * ENTRY_LENGTH, (index + 1) * ENTRY_LENGTH),
  );
}

/** The entry of this GUID; null unless there is exactly one. */
function only(table: readonly Buffer[], guid: Buffer): Buffer | null {
  const found = table.filter((entry) => entry.subarray(0, 16).equals(guid));
  return found.length === 1 ? (found[0] ?? null) : null;
}
