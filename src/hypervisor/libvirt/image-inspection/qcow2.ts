import { hasText, type ImageBytes, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** Bits of the incompatible features field: dirty, corrupt, external data file, compression type (QEMU docs/interop/qcow2.txt). */
const DATA_FILE_BIT = 2n;
const FIRST_UNKNOWN_BIT = 4n;
/** Length of the header's part that all of version 3 has. */
const HEADER_LENGTH = 104;

/** QCOW2: refused with a backing file, an external data file, or features that are not known. */
export const qcow2: Inspector = {
  format: 'qcow2',
  matches: (image) => hasText(image, 0, 'QFI\xfb'),
  async danger(image) {
    const header = await readAt(image, 0, HEADER_LENGTH);
    if (header.length < 72) return 'has a QCOW2 header that is cut off';
    const version = header.readUInt32BE(4);
    if (version !== 2 && version !== 3) return `is QCOW2 of version ${version}, but only 2 and 3 are known`;
    if (header.readBigUInt64BE(8) !== 0n) return 'has a backing file';
    if (version === 2) return null;
    if (header.length < HEADER_LENGTH) return 'has a QCOW2 header that is cut off';
    const incompatible = header.readBigUInt64BE(72);
    if ((incompatible >> DATA_FILE_BIT) & 1n) return 'keeps its data in an external file';
    if (incompatible >> FIRST_UNKNOWN_BIT)
      return `has unknown QCOW2 features (0x${incompatible.toString(16)})`;
    return null;
  },
};

/** Bytes of the disk that a QCOW2 image holds. */
export async function qcow2VirtualSize(image: ImageBytes): Promise<number> {
  return Number((await readAt(image, 24, 8)).readBigUInt64BE(0));
}

/** Path of the file below a QCOW2 disk of ours, as its header has it; null when it stands alone. Not for images of strangers: those are refused. */
export async function qcow2BackingFile(image: ImageBytes): Promise<string | null> {
  const header = await readAt(image, 0, 20);
  const offset = Number(header.readBigUInt64BE(8));
  if (offset === 0) return null;
  return (await readAt(image, offset, Math.min(header.readUInt32BE(16), 1023))).toString('utf8');
}
