import { createHash, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

/**
 * Makes a file of UEFI variables differ from that of any other guest: at its end, in room that OVMF uses only
 * while it compacts the store.
 */
export async function markVariables(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const mark = randomBytes(16);
    await file.write(mark, 0, mark.length, (await file.stat()).size - mark.length);
  } finally {
    await file.close();
  }
}

/** A text that is equal for equal variables; undefined: there are none. */
export async function variablesIn(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
