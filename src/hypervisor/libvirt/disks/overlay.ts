import { open } from 'node:fs/promises';
import { Failure } from '../../../model/failure.ts';
import { writeBackingFile } from './qcow2-header.ts';

const CLUSTER = 65536;
/** Entries of a level 2 table. Each stands for one cluster. */
const L2_ENTRIES = CLUSTER / 8;
const HEADER_LENGTH = 104;
/** Maximum size of the first table. That of an 8 TiB disk needs only a few clusters. */
const MAX_L1_CLUSTERS = 64;

/** A new overlay. Sizes in bytes. */
export interface Overlay {
  readonly size: number;
  /** Absolute path of the raw backing file; null for a disk without one. */
  readonly backingFile: string | null;
}

/**
 * The bytes of a new, empty QCOW2 disk, with or without a backing file: header, reference counts and an
 * empty first table. Written here, because starting `qemu-img create` takes longer than all other work for a
 * new disk. The layout is that of QEMU's docs/interop/qcow2.txt, version 3.
 * @throws {Failure} `invalid` when the size is not supported
 */
export function overlayBytes({ size, backingFile }: Overlay): { head: Buffer; length: number } {
  const name = Buffer.from(backingFile ?? '');
  const sectors = Math.ceil(size / 512);
  const l1Entries = Math.max(1, Math.ceil((sectors * 512) / (CLUSTER * L2_ENTRIES)));
  const l1Clusters = Math.ceil((l1Entries * 8) / CLUSTER);
  if (l1Clusters > MAX_L1_CLUSTERS || name.length > 1023)
    throw new Failure('invalid', `A disk of ${size} bytes is not supported.`, {
      operatorText: `a disk of ${size} bytes over ${backingFile ?? 'nothing'} is not supported`,
    });

  const header = Buffer.alloc(CLUSTER);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(16, 20); // cluster bits
  header.writeBigUInt64BE(BigInt(sectors) * 512n, 24);
  header.writeUInt32BE(l1Entries, 36);
  header.writeBigUInt64BE(BigInt(3 * CLUSTER), 40); // level 1 table
  header.writeBigUInt64BE(BigInt(CLUSTER), 48); // reference count table
  header.writeUInt32BE(1, 56); // its clusters
  header.writeUInt32BE(4, 96); // 16-bit reference counts
  header.writeUInt32BE(HEADER_LENGTH, 100);
  if (backingFile !== null) writeBackingFile(header, name);

  const countTable = Buffer.alloc(CLUSTER);
  countTable.writeBigUInt64BE(BigInt(2 * CLUSTER), 0);
  const counts = Buffer.alloc(CLUSTER);
  for (let cluster = 0; cluster < 3 + l1Clusters; cluster++) counts.writeUInt16BE(1, cluster * 2);
  return { head: Buffer.concat([header, countTable, counts]), length: (3 + l1Clusters) * CLUSTER };
}

/** Writes a new overlay to a file that must not exist, and syncs it. */
export async function writeOverlay(path: string, overlay: Overlay): Promise<void> {
  const { head, length } = overlayBytes(overlay);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(head);
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}
