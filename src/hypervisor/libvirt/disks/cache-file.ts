import { stat, utimes } from 'node:fs/promises';
import { isMissing } from '../files/failures.ts';

/** Whether a file is here; the time of its last use is now then. */
export async function touchFile(path: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Bytes of a file; null when it is not there, as while another host's search looks whether it is used. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
