import { BOOT_FILES } from '../disks/file-names.ts';
import { damaged, MAX_FILE_BYTES, type SentFile, type StreamStart } from './disk-stream.ts';
import type { FrameReader } from './frame-reader.ts';

/** `PATH_MAX` of Linux. */
const MAX_PATH_LENGTH = 4096;

/** Reads the description of the stream. @throws {Failure} `invalid` when it is malformed */
export async function readStart(reader: FrameReader): Promise<StreamStart> {
  const { kind, payload } = await reader.next();
  const { purpose, instancesDir } = kind === 'start' ? jsonOf(payload) : {};
  const isPath = typeof instancesDir === 'string' && instancesDir.length <= MAX_PATH_LENGTH;
  if ((purpose !== 'move' && purpose !== 'live') || !isPath) throw damaged('does not say what it is');
  return { purpose, instancesDir };
}

/** @throws {Failure} `invalid` when the payload is not a `file` frame's */
export function parseSentFile(payload: Buffer): SentFile {
  const { kind, name, size, sent, sum, format } = jsonOf(payload);
  const fits = Number.isSafeInteger(size) && (size as number) >= 0 && (size as number) <= MAX_FILE_BYTES;
  if (typeof name !== 'string' || typeof size !== 'number' || !fits)
    throw damaged('has a file without name or size');
  if (kind === 'base' && typeof sent === 'boolean') return { kind, name, size, sent };
  const isBoot = BOOT_FILES.some((one) => one === name);
  if (kind === 'boot' && isBoot && typeof sum === 'string' && sent === true)
    return { kind, name, size, sum, sent };
  if (kind === 'content' && !isBoot) return { kind, name, size };
  if (kind === 'empty' && (format === 'qcow2' || format === 'raw')) return { kind, name, size, format };
  throw damaged(`has a file '${name.slice(0, 200)}' of no known kind`);
}

function jsonOf(payload: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The failure follows.
  }
  throw damaged('has a frame that cannot be read');
}
