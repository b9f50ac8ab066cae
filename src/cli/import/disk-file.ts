import { execFile } from 'node:child_process';
import { constants, createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Failure } from '../../model/failure.ts';

const MAGIC = 'QFI\u00fb';
const EXTERNAL_DATA = 4n;

/** A disk that is ready to be uploaded. */
export interface DiskFile {
  readonly format: 'raw' | 'qcow2';
  data(): ReadableStream;
  /** Removes what was written for it. */
  remove(): Promise<void>;
}

/**
 * Opens a disk for the upload. A raw one is first written as QCOW2 without its holes, and its content is not
 * looked at. Nothing that a QCOW2 header names is opened: a disk that needs another file is refused.
 * @param format undefined: QCOW2 if it begins like one, else raw
 * @throws {Failure} `invalid`
 */
export async function diskFile(path: string, format: 'raw' | 'qcow2' | undefined): Promise<DiskFile> {
  const header = Buffer.alloc(80);
  // The opening of a pipe waits for its writer otherwise.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile() && !stats.isBlockDevice())
      throw new Failure('invalid', `${path} is no disk: accepted are files and block devices`);
    if (stats.isFile() && stats.size === 0) throw new Failure('invalid', `${path} is empty: it is no disk`);
    await file.read(header, 0, header.length, 0);
  } finally {
    await file.close();
  }
  if ((format ?? formatOf(header)) === 'raw') return withoutHoles(path);
  requireAlone(path, header);
  return { format: 'qcow2', data: () => streamOf(path), remove: async () => {} };
}

function formatOf(header: Buffer): 'raw' | 'qcow2' {
  return header.toString('latin1', 0, 4) === MAGIC ? 'qcow2' : 'raw';
}

function requireAlone(path: string, header: Buffer): void {
  const refuse = (why: string) =>
    new Failure(
      'invalid',
      `${path} ${why}; write a disk of its own first: qemu-img convert -O qcow2 ${path} NEW`,
    );
  if (formatOf(header) !== 'qcow2') throw new Failure('invalid', `${path} is no QCOW2 disk`);
  if (header.readBigUInt64BE(8) !== 0n) throw refuse('has a backing file');
  if (header.readUInt32BE(4) >= 3 && (header.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n)
    throw refuse('has its data in another file');
}

async function withoutHoles(path: string): Promise<DiskFile> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-import-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const copy = join(folder, 'disk.qcow2');
  try {
    await promisify(execFile)('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '--', path, copy]);
  } catch (error) {
    await remove();
    const why = String((error as { stderr?: string }).stderr || (error as Error).message);
    throw new Failure(
      'unavailable',
      `qemu-img cannot copy ${path} to ${folder}: ${why.trim().slice(0, 500)}`,
    );
  }
  return { format: 'qcow2', data: () => streamOf(copy), remove };
}

function streamOf(path: string): ReadableStream {
  return Readable.toWeb(createReadStream(path)) as ReadableStream;
}
