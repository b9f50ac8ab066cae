import { open } from 'node:fs/promises';
import { isMissing } from '../disks/failures.ts';

/** The most that is ever read of a log, in bytes from its end (nova/virt/libvirt/driver.py MAX_CONSOLE_BYTES is 100 KiB; logs here are longer). */
const MAX_BYTES = 1024 * 1024;

/**
 * The end of a console log as text; bytes that are not UTF-8 become U+FFFD. No file: nothing was printed yet.
 * @param lines - how many of the last lines; null for all that is read
 */
export async function readConsoleLog(path: string, lines: number | null): Promise<string> {
  const text = await readEnd(path);
  if (lines === null) return text;
  if (lines <= 0) return '';
  const all = text.split('\n');
  const ended = all.at(-1) === '';
  return all.slice(ended ? -lines - 1 : -lines).join('\n');
}

async function readEnd(path: string): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - MAX_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, MAX_BYTES)), 0, null, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
