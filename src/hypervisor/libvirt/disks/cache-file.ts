import { stat, utimes } from 'node:fs/promises';
import { isMissing } from '../files/failures.ts';

/** Whether a file exists. Sets the time of its last use to now. */
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

/**
 * Bytes of a file; null when it does not exist, for example while another host checks whether it is unused.
 */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
