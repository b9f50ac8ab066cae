import type { Readable } from 'node:stream';
import type { DiskFormat } from '../../model/image.ts';

const QCOW_MAGIC = 0x51_46_49_fb;
const SIZE_OFFSET = 24;
/** Bytes of a qcow2 header up to the size. */
export const HEADER_BYTES = SIZE_OFFSET + 8;

/**
 * The size of the guest's disk in bytes (QEMU docs/interop/qcow2.txt); null if the first bytes do not show
 * it. It is only for display: the content is inspected when the image is used.
 */
export function virtualSizeOf(
  format: DiskFormat | null,
  of: { readonly header: Buffer; readonly size: number },
): number | null {
  if (format === 'raw' || format === 'iso') return of.size;
  if (format !== 'qcow2' || of.header.length < HEADER_BYTES) return null;
  if (of.header.readUInt32BE(0) !== QCOW_MAGIC) return null;
  const size = of.header.readBigUInt64BE(SIZE_OFFSET);
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null;
}

/** All bytes of a short stream. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
