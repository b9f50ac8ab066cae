import { open } from 'node:fs/promises';
import { Failure } from '../../../model/failure.ts';

/** The length in version 3, without additions of later QEMU versions. */
const HEADER_LENGTH = 104;
const BACKING_FORMAT_EXTENSION = 0xe2792aca;
/** The dirty bit of a disk whose reference counts were not written, because QEMU was killed. */
const DIRTY = 1n;
const MAX_BACKING_NAME_LENGTH = 1023;

/** The backing file of a disk. */
export interface BackingFile {
  /** Absolute path of the raw backing file; null for a disk without one. */
  readonly backingFile: string | null;
}

/**
 * A new first cluster for a QCOW2 disk. It keeps only version, cluster size, disk size and the positions of
 * the tables from the old header. Backing file, features and extensions of the old header are dropped. The
 * layout is that of QEMU's docs/interop/qcow2.txt, version 3.
 * @throws {Failure} `invalid` when the disk needs a feature that Nameplate's disks do not have, such as an
 *   external data file
 */
export function freshHeader(old: Buffer, { backingFile }: BackingFile): Buffer {
  const why = whyForeign(old);
  if (why !== null)
    throw new Failure('invalid', 'The server has a disk that cannot be used.', {
      operatorText: `A QCOW2 disk ${why}`,
    });
  const name = Buffer.from(backingFile ?? '');
  const header = Buffer.alloc(2 ** old.readUInt32BE(20));
  const extensionsEnd = HEADER_LENGTH + 8 + 8 + 8;
  if (name.length > MAX_BACKING_NAME_LENGTH || extensionsEnd + name.length > header.length)
    throw new Failure('invalid', `The path of an image is longer than ${MAX_BACKING_NAME_LENGTH} bytes.`);
  old.copy(header, 0, 0, 8); // magic and version
  old.copy(header, 20, 20, 60); // cluster bits, size, level 1 table and reference count table
  header.writeUInt32BE(0, 32); // not encrypted
  header.writeBigUInt64BE(old.readBigUInt64BE(72) & DIRTY, 72);
  header.writeBigUInt64BE(old.readBigUInt64BE(80), 80); // compatible features
  header.writeUInt32BE(old.readUInt32BE(96), 96); // size of reference counts
  header.writeUInt32BE(HEADER_LENGTH, 100);
  if (backingFile !== null) writeBackingFile(header, name);
  return header;
}

/** Writes the name of a raw backing file into a header that has none. */
export function writeBackingFile(header: Buffer, name: Buffer): void {
  const extensionEnd = HEADER_LENGTH + 8 + 8 + 8;
  header.writeBigUInt64BE(BigInt(extensionEnd), 8);
  header.writeUInt32BE(name.length, 16);
  header.writeUInt32BE(BACKING_FORMAT_EXTENSION, HEADER_LENGTH);
  header.writeUInt32BE(3, HEADER_LENGTH + 4);
  header.write('raw', HEADER_LENGTH + 8, 'latin1');
  name.copy(header, extensionEnd);
}

/**
 * Replaces the header of a disk, and syncs it. No other program reads the old header.
 * @throws as {@link freshHeader}
 */
export async function replaceHeader(path: string, backing: BackingFile): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const old = Buffer.alloc(HEADER_LENGTH);
    const { bytesRead } = await file.read(old, 0, HEADER_LENGTH, 0);
    const header = freshHeader(old.subarray(0, bytesRead), backing);
    await file.write(header, 0, header.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Why Nameplate cannot have created a disk, as the end of a sentence; null when it can. */
function whyForeign(header: Buffer): string | null {
  if (header.length < HEADER_LENGTH || header.toString('latin1', 0, 4) !== 'QFI\xfb') return 'is none';
  const version = header.readUInt32BE(4);
  if (version !== 3) return `is of version ${version}, not 3`;
  const clusterBits = header.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) return `has clusters of 2^${clusterBits} bytes`;
  if (header.readUInt32BE(32) !== 0) return 'is encrypted';
  const features = header.readBigUInt64BE(72) & ~DIRTY;
  if (features !== 0n) return `needs the incompatible features 0x${features.toString(16)}`;
  if (header.readUInt32BE(96) > 6) return 'has reference counts of more than 64 bits';
  if (header.readUInt32BE(100) < HEADER_LENGTH) return 'has a header that is cut off';
  return null;
}
