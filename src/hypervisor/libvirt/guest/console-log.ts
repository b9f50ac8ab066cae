import { open } from 'node:fs/promises';
import { consoleTail } from '../../../model/console-tail.ts';
import { isMissing } from '../files/failures.ts';

/**
 * Maximum bytes that are read, from the end of a log. (nova/virt/libvirt/driver.py MAX_CONSOLE_BYTES is 100
 * KiB; logs here are longer.)
 */
const MAX_BYTES = 1024 * 1024;

/**
 * The end of a console log as text. Bytes that are not UTF-8 become U+FFFD. A missing file is an empty log.
 * @param lines as {@link consoleTail} counts them; null for everything that is read
 */
export async function readConsoleLog(path: string, lines: number | null): Promise<string> {
  const text = await readEnd(path);
  return lines === null ? text : consoleTail(text, lines);
}

async function readEnd(path: string): Promise<string> {
  const recent = await lastBytes(path, MAX_BYTES);
  // virtlogd renames a full log to this name, and begins a new one.
  const older =
    recent.length < MAX_BYTES ? await lastBytes(`${path}.0`, MAX_BYTES - recent.length) : Buffer.alloc(0);
  return Buffer.concat([older, recent]).toString('utf8');
}

async function lastBytes(path: string, max: number): Promise<Buffer> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, max);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
