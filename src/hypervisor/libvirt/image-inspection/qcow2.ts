import { hasText, type ImageBytes, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/**
 * Bits of the incompatible features field: dirty, corrupt, external data file, compression type (QEMU
 * docs/interop/qcow2.txt).
 */
const DATA_FILE_BIT = 2n;
const FIRST_UNKNOWN_BIT = 4n;
/** The length of the header in version 2, and its minimum length in version 3. */
const HEADER_LENGTH_2 = 72;
const HEADER_LENGTH_3 = 104;
const MIN_CLUSTER_BITS = 9;
const MAX_CLUSTER_BITS = 21;
/** The header extension that names an external data file ("DATA"). */
const DATA_FILE_EXTENSION = 0x44415441;

/** QCOW2. Refused with a backing file, an external data file, encryption, or unknown features. */
export const qcow2: Inspector = {
  format: 'qcow2',
  matches: (image) => hasText(image, 0, 'QFI\xfb'),
  async danger(image) {
    const header = await readAt(image, 0, HEADER_LENGTH_2);
    const hasBacking =
      header.length === HEADER_LENGTH_2 &&
      (header.readBigUInt64BE(8) !== 0n || header.readUInt32BE(16) !== 0);
    return hasBacking ? 'has a backing file' : qcow2Danger(image);
  },
};

/** Why a QCOW2 disk must not be used, apart from its backing file; null when it is safe. */
export async function qcow2Danger(image: ImageBytes): Promise<string | null> {
  const header = await readAt(image, 0, HEADER_LENGTH_3);
  if (header.length < HEADER_LENGTH_2) return 'has a QCOW2 header that is cut off';
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) return `is QCOW2 of version ${version}, but only 2 and 3 are known`;
  const clusterBits = header.readUInt32BE(20);
  if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS)
    return `has QCOW2 clusters of 2^${clusterBits} bytes, but only 2^${MIN_CLUSTER_BITS} to 2^${MAX_CLUSTER_BITS} are known`;
  if (header.readBigUInt64BE(24) > BigInt(Number.MAX_SAFE_INTEGER)) return 'has an impossible QCOW2 size';
  if (header.readUInt32BE(32) !== 0) return 'is encrypted';
  if (version === 3) {
    const problem = featuresDanger(header, 1 << clusterBits);
    if (problem !== null) return problem;
  }
  const headerLength = version === 2 ? HEADER_LENGTH_2 : header.readUInt32BE(100);
  return extensionsDanger(await readAt(image, 0, 1 << clusterBits), headerLength);
}

function featuresDanger(header: Buffer, clusterSize: number): string | null {
  if (header.length < HEADER_LENGTH_3) return 'has a QCOW2 header that is cut off';
  const incompatible = header.readBigUInt64BE(72);
  if ((incompatible >> DATA_FILE_BIT) & 1n) return 'keeps its data in an external file';
  if (incompatible >> FIRST_UNKNOWN_BIT) return `has unknown QCOW2 features (0x${incompatible.toString(16)})`;
  const length = header.readUInt32BE(100);
  return length < HEADER_LENGTH_3 || length > clusterSize || length % 8 !== 0
    ? 'has a QCOW2 header of an impossible length'
    : null;
}

/** @param cluster the first cluster, which must hold header and extensions */
function extensionsDanger(cluster: Buffer, headerLength: number): string | null {
  for (let at = headerLength; at + 8 <= cluster.length; ) {
    const type = cluster.readUInt32BE(at);
    const length = cluster.readUInt32BE(at + 4);
    if (type === 0) return null;
    if (type === DATA_FILE_EXTENSION) return 'names an external data file';
    if (length > cluster.length - at - 8) return 'has a QCOW2 header extension that is cut off';
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return null;
}

/** Bytes of the disk in a QCOW2 image. */
export async function qcow2VirtualSize(image: ImageBytes): Promise<number> {
  return Number((await readAt(image, 24, 8)).readBigUInt64BE(0));
}

/**
 * The backing file in the header of one of Nameplate's own QCOW2 disks; null for a disk without one. Images
 * of users with a backing file are refused.
 */
export async function qcow2BackingFile(image: ImageBytes): Promise<string | null> {
  const header = await readAt(image, 0, 20);
  const offset = Number(header.readBigUInt64BE(8));
  if (offset === 0) return null;
  return (await readAt(image, offset, Math.min(header.readUInt32BE(16), 1023))).toString('utf8');
}
