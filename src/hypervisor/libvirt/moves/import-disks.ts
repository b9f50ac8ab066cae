import { basename, join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ImageContents } from '../../../model/image.ts';
import type { DiskSets } from '../disks/disk-set.ts';
import { DISK_FILES } from '../disks/file-names.ts';
import { type CachedFile, type ImageCache, SHARED_MODE } from '../disks/image-cache.ts';
import { withImageFile } from '../disks/image-file.ts';
import { writeOverlay } from '../disks/overlay.ts';
import { OWN_BASE } from '../disks/own-base.ts';
import { writePlainDisk } from '../disks/plain-disk.ts';
import { replaceHeader } from '../disks/qcow2-header.ts';
import { sumOfFile } from '../disks/sum-of-file.ts';
import { qcow2, qcow2BackingFile } from '../image-inspection/qcow2.ts';
import { checkFile, type Expectation, filesNeeded } from './disk-limits.ts';
import { damaged, type SentFile } from './disk-stream.ts';
import { FrameReader } from './frame-reader.ts';
import { parseSentFile, readStart } from './parse-frames.ts';
import { receiveContent } from './receive-content.ts';

const DISK_MODE = 0o600;

/** The parts that an import needs. */
export interface ImportParts {
  readonly disks: DiskSets;
  readonly cache: ImageCache;
  readonly instancesDir: string;
}

/** A stream, and what the control plane says about its content. */
export interface Incoming {
  readonly plan: GuestPlan;
  readonly contents: ImageContents;
  readonly data: AsyncIterable<Buffer>;
}

/**
 * Creates a plan's disk set from a stream of `exportDisks`. The sender is not trusted: every file must be
 * one of the plan's and within its size, the root disk gets a new header, and a base enters the image cache
 * only if its SHA-512 is that of the image's record; otherwise it stays in the set.
 * @throws {Failure} `invalid` and `unavailable` as `GuestMoves` describes; `conflict` for a live migration
 *   when the hosts keep guests' files under different paths
 */
export async function importDisks(
  parts: ImportParts,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<void> {
  const { disks } = parts;
  const { plan } = incoming;
  await disks.make(plan, signal, async (scratch) => {
    using base = new BaseBelow();
    const reader = new FrameReader(incoming.data);
    await reader.begin();
    const { purpose, instancesDir } = await readStart(reader);
    if (purpose === 'live') assertSamePath(instancesDir, parts.instancesDir);
    await receive({ ...incoming, cache: parts.cache, purpose, reader, directory: scratch, base });
    if (purpose === 'live') return;
    if (plan.image.diskFormat !== 'iso') await settleRoot(join(scratch, DISK_FILES.root), base.path);
    await disks.grow(plan, scratch, null);
    await disks.addConfigDrive(plan, scratch, signal);
  });
}

/** Requires equal paths: a live migration keeps the definition, which contains paths. */
export function assertSamePath(theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new Failure(
    'conflict',
    'The compute hosts keep the files of their guests under different paths, so a guest cannot be migrated live between them.',
    { operatorText: `[DEFAULT] instances_path is ${theirs} at the source and ${ours} at the destination` },
  );
}

interface Receiving extends Expectation {
  readonly cache: ImageCache;
  readonly reader: FrameReader;
  /** The directory in which the files of the set are created. */
  readonly directory: string;
  readonly base: BaseBelow;
}

/** Reads all files. @throws {Failure} `invalid` when a file is missing or unexpected */
async function receive(receiving: Receiving): Promise<void> {
  const { reader, directory } = receiving;
  const names = new Set<string>();
  for (;;) {
    const { kind, payload } = await reader.next();
    if (kind === 'end') break;
    if (kind !== 'file') throw damaged(`has a ${kind} frame where a file begins`);
    const file = parseSentFile(payload);
    const name = file.kind === 'base' ? OWN_BASE : file.name;
    if (names.has(name)) throw damaged(`has the file '${name}' twice`);
    const isKept = checkFile(file, receiving);
    names.add(name);
    if (file.kind === 'base') await receiveBase(file, receiving);
    else await receiveFile(reader, file, isKept ? join(directory, name) : null);
  }
  const missing = filesNeeded(receiving).filter((name) => !names.has(name));
  if (missing.length > 0) throw damaged(`has no file '${missing.join("', '")}'`);
}

async function receiveFile(
  reader: FrameReader,
  file: Exclude<SentFile, { kind: 'base' }>,
  path: string | null,
): Promise<void> {
  const { kind, size } = file;
  if (kind !== 'empty') {
    const mode = kind === 'boot' ? SHARED_MODE : DISK_MODE;
    await receiveContent(reader, path, { size, mode });
    if (kind === 'boot' && path !== null && (await sumOfFile(path, 'sha256')) !== file.sum)
      throw damaged(`has a ${file.name} that does not have its SHA-256`);
  } else if (path !== null && file.format === 'raw') await writePlainDisk(path, size);
  else if (path !== null) await writeOverlay(path, { size, backingFile: null });
}

/**
 * The base of the root disk: this host's file of the plan's image, or a file from the stream. The latter
 * stays in the set unless it proves to be the image's own data.
 */
async function receiveBase(
  { name, size, sent }: SentFile & { readonly kind: 'base' },
  { cache, reader, plan: { image }, contents, directory, base }: Receiving,
): Promise<void> {
  if (sent) {
    const own = join(directory, OWN_BASE);
    await receiveContent(reader, own, { size, mode: SHARED_MODE });
    const adopted = await cache.adopt(own, image, contents);
    base.path = adopted?.path ?? own;
    base.held = adopted;
    return;
  }
  const held = await cache.cachedBase(image, contents);
  base.held = held;
  base.path = held?.path ?? null;
  if (held === null || basename(held.path) !== name)
    throw new Failure('unavailable', `The compute host does not have the image ${image.id} (any more).`, {
      operatorText: `The source sent no base ${name.slice(0, 200)}, and this host has no base of the plan's image`,
    });
  if (held.size !== size)
    throw damaged(`lies over an image ${name} of ${size} bytes, not of ${held.size} as here`);
}

/** The base of the root disk. While it is open, it is not removed from the cache. */
class BaseBelow implements Disposable {
  path: string | null = null;
  held: CachedFile | null = null;

  [Symbol.dispose](): void {
    this.held?.[Symbol.dispose]();
  }
}

/** Writes a new header for the root disk, with this host's path of the base. */
async function settleRoot(root: string, base: string | null): Promise<void> {
  const named = await withImageFile(root, async (image) =>
    (await qcow2.matches(image)) ? qcow2BackingFile(image) : null,
  ).catch(() => {
    throw damaged('has a root disk whose header is cut off');
  });
  if ((named === null) !== (base === null)) throw damaged('has a root disk that is not over its image');
  await replaceHeader(root, { backingFile: base });
}
