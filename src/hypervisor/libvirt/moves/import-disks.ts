import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import { BOOT_FILES, DISK_FILES, type DiskSets } from '../disks/disk-set.ts';
import { linkOrCopy } from '../disks/durable-file.ts';
import type { BaseImage, ImageCache } from '../disks/image-cache.ts';
import { withImageFile } from '../disks/image-file.ts';
import { writeOverlay } from '../disks/overlay.ts';
import { writePlainDisk } from '../disks/plain-disk.ts';
import type { QemuImg } from '../disks/qemu-img.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { ContentSum, damaged, LARGEST_FILE, type SentFile, type StreamStart } from './disk-stream.ts';
import { FrameReader } from './frame-reader.ts';
import { writeSparse } from './sparse-file.ts';

const DISK_MODE = 0o600;
/** What guests share, and what is no secret of one: as in the image cache. */
const SHARED_MODE = 0o644;

/** What an import works with. */
export interface ImportParts {
  readonly disks: DiskSets;
  readonly cache: ImageCache;
  readonly qemuImg: QemuImg;
  readonly instancesDir: string;
}

/**
 * Makes a plan's disk set from a stream of `exportDisks`.
 * @throws {Failure} `invalid`, `unavailable` as `GuestMoves` says; `conflict` when the hosts keep guests' files under different paths and it is for a live migration
 */
export async function importDisks(
  parts: ImportParts,
  { plan, data }: { readonly plan: GuestPlan; readonly data: AsyncIterable<Buffer> },
  signal: AbortSignal,
): Promise<void> {
  const { disks } = parts;
  await disks.make(plan, signal, async (scratch) => {
    const reader = new FrameReader(data);
    await reader.begin();
    const start = await readStart(reader);
    if (start.purpose === 'live') assertSamePath(start.instancesDir, parts.instancesDir);
    const base = await receive(parts, { reader, plan, directory: scratch });
    if (start.purpose === 'live') return;
    await settleBase(parts, join(scratch, DISK_FILES.root), base);
    await disks.grow(plan, scratch, null);
    await disks.addConfigDrive(plan, scratch, signal);
  });
}

/** A definition that travels as it is has paths in it. */
export function assertSamePath(theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new Failure(
    'conflict',
    'The compute hosts keep the files of their guests under different paths, so a guest cannot be migrated live between them.',
    { operatorText: `[DEFAULT] instances_path is ${theirs} at the source and ${ours} at the destination` },
  );
}

interface Receiving {
  readonly reader: FrameReader;
  readonly plan: GuestPlan;
  readonly directory: string;
}

/** Reads all files. @returns what is below the root disk, if something is */
async function receive({ cache }: ImportParts, receiving: Receiving): Promise<BaseImage | null> {
  const { reader, directory } = receiving;
  const names = new Set<string>();
  let base: BaseImage | null = null;
  for (;;) {
    const { kind, payload } = await reader.next();
    if (kind === 'end') return base;
    if (kind !== 'file') throw damaged(`has a ${kind} frame where a file begins`);
    const file = sentFile(payload);
    if (file.kind === 'base') {
      if (base !== null) throw damaged('has two images below one disk');
      base = await receiveBase(cache, file, reader);
      continue;
    }
    if (!Object.values<string>(DISK_FILES).includes(file.name) || names.has(file.name))
      throw damaged(`has a file '${file.name}' that a disk set does not have`);
    names.add(file.name);
    if (file.kind === 'boot') await receiveBootFile(cache, file, receiving);
    else await receiveFile(reader, file, join(directory, file.name));
  }
}

async function receiveFile(
  reader: FrameReader,
  file: SentFile & { readonly kind: 'content' | 'empty' },
  path: string,
): Promise<void> {
  const { kind, size } = file;
  if (kind === 'content') await receiveContent(reader, { path, size, mode: DISK_MODE });
  else if (file.format === 'raw') await writePlainDisk(path, size);
  else await writeOverlay(path, { size, backingFile: null });
}

async function receiveBootFile(
  cache: ImageCache,
  { name, size, sum, sent }: SentFile & { readonly kind: 'boot' },
  { reader, directory, plan: { image } }: Receiving,
): Promise<void> {
  const id = name === DISK_FILES.kernel ? image.kernelId : image.ramdiskId;
  if (id === null) throw damaged(`has a ${name}, which the server does not have`);
  const write = (scratch: string) => receiveContent(reader, { path: scratch, size, mode: SHARED_MODE });
  const path = await cache.bootFiles.adopt({ id, sum }, sent ? write : null);
  await linkOrCopy(path, join(directory, name));
}

async function receiveBase(
  cache: ImageCache,
  { name, size, sent }: SentFile & { readonly kind: 'base' },
  reader: FrameReader,
): Promise<BaseImage> {
  const base = await cache.adopt(
    name,
    sent ? (scratch) => receiveContent(reader, { path: scratch, size, mode: SHARED_MODE }) : null,
  );
  if (base.size !== size)
    throw damaged(`lies over an image ${name} of ${size} bytes, not of ${base.size} as here`);
  return base;
}

async function receiveContent(
  reader: FrameReader,
  { path, size, mode }: { readonly path: string; readonly size: number; readonly mode: number },
): Promise<void> {
  const sum = new ContentSum();
  await writeSparse(path, { size, mode }, async (put) => {
    let end = 0;
    for (;;) {
      const { kind, payload } = await reader.next();
      if (kind === 'sum') {
        if (!payload.equals(sum.end(size))) throw damaged('has a file that does not have its checksum');
        return;
      }
      if (kind !== 'data' || payload.length <= 8) throw damaged(`has a ${kind} frame within a file`);
      const offset = Number(payload.readBigUInt64BE());
      const data = payload.subarray(8);
      if (offset < end || offset + data.length > size) throw damaged('has data out of place');
      end = offset + data.length;
      sum.add(payload);
      await put({ offset, data });
    }
  });
}

/** The root disk names the file below it by its path at the source; here the image may be elsewhere. */
async function settleBase({ qemuImg }: ImportParts, root: string, base: BaseImage | null): Promise<void> {
  const named = await withImageFile(root, async (image) =>
    (await qcow2.matches(image)) ? qcow2BackingFile(image) : null,
  ).catch(() => {
    throw damaged('has no root disk');
  });
  if ((named === null) !== (base === null)) throw damaged('has a root disk that is not over its image');
  if (base !== null && named !== base.path) await qemuImg.setBackingFile(root, base.path);
}

async function readStart(reader: FrameReader): Promise<StreamStart> {
  const { kind, payload } = await reader.next();
  const { purpose, instancesDir } = kind === 'start' ? jsonOf(payload) : {};
  if ((purpose !== 'move' && purpose !== 'live') || typeof instancesDir !== 'string')
    throw damaged('does not say what it is');
  return { purpose, instancesDir };
}

function sentFile(payload: Buffer): SentFile {
  const { kind, name, size, sent, sum, format } = jsonOf(payload);
  const fits = Number.isSafeInteger(size) && (size as number) >= 0 && (size as number) <= LARGEST_FILE;
  if (typeof name !== 'string' || typeof size !== 'number' || !fits)
    throw damaged('has a file without name or size');
  if (kind === 'base' && typeof sent === 'boolean') return { kind, name, size, sent };
  const isBoot = BOOT_FILES.some((one) => one === name);
  if (kind === 'boot' && isBoot && typeof sum === 'string' && typeof sent === 'boolean')
    return { kind, name, size, sum, sent };
  if (kind === 'content' && !isBoot) return { kind, name, size };
  if (kind === 'empty' && (format === 'qcow2' || format === 'raw')) return { kind, name, size, format };
  throw damaged(`has a file '${name}' of no known kind`);
}

function jsonOf(payload: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw damaged('has a frame that cannot be read');
}
