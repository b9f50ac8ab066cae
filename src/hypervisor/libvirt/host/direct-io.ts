import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether files in a directory can bypass the page cache. If so, guests' disks do, as in
 * nova/privsep/utils.py supports_direct_io.
 */
export async function supportsDirectIo(directory: string): Promise<boolean> {
  const path = join(directory, `.direct-io-${randomUUID()}`);
  try {
    const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT;
    await (await open(path, flags, 0o600)).close();
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true });
  }
}
