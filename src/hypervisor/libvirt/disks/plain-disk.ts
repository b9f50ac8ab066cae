import { open } from 'node:fs/promises';

const PAGE = 4096;
const SIGNATURE = 'SWAPSPACE2';

/**
 * The first page of a Linux swap area of this size in bytes (linux include/linux/swap.h, union swap_header).
 */
export function swapHeader(size: number): Buffer {
  const page = Buffer.alloc(PAGE);
  page.writeUInt32LE(1, 1024); // version
  page.writeUInt32LE(Math.floor(size / PAGE) - 1, 1028); // last page
  page.write(SIGNATURE, PAGE - SIGNATURE.length, 'latin1');
  return page;
}

/** Creates a sparse raw disk of `size` bytes, which begins with `front`. */
export async function writePlainDisk(path: string, size: number, front?: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    if (front !== undefined) await file.writeFile(front);
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}
