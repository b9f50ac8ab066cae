import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { Failure } from '../../../model/failure.ts';
import type { DiskExport } from '../../guest-moves.ts';
import type { DiskSets } from '../disks/disk-set.ts';
import { BOOT_FILES, DISK_FILES } from '../disks/file-names.ts';
import type { ImageCache } from '../disks/image-cache.ts';
import { withImageFile } from '../disks/image-file.ts';
import { baseOf } from '../disks/own-base.ts';
import { sumOfFile } from '../disks/sum-of-file.ts';
import { exists } from '../files/durable-file.ts';
import { diskFailure } from '../files/failures.ts';
import { qcow2, qcow2VirtualSize } from '../image-inspection/qcow2.ts';
import { ContentSum, frame, jsonFrame, numberBytes, type SentFile, STREAM_MAGIC } from './disk-stream.ts';
import { dataRuns } from './sparse-file.ts';

/** The parts that an export needs. */
interface ExportParts {
  readonly disks: DiskSets;
  readonly cache: ImageCache;
  readonly instancesDir: string;
}

/** A file to send, with its path. */
interface Outgoing {
  readonly file: SentFile;
  readonly path: string;
}

/**
 * Streams a disk set. The base of the root disk is sent unless the receiver has it, so that no move depends
 * on the image in the Image API.
 * @throws {Failure} `not-found` when the set is not here
 */
export async function exportDisks(
  { disks, cache, instancesDir }: ExportParts,
  request: DiskExport,
  signal: AbortSignal,
): Promise<Readable> {
  const { server, set, purpose } = request;
  const directory = disks.directoryOfSet(server, set);
  if (!(await exists(directory)))
    throw new Failure('not-found', `Server ${server} has no disk set '${set}' on this compute host.`);
  const files = await bootFiles(directory);
  files.push(
    ...(purpose === 'move'
      ? await filesToMove(directory, { ...request, cache })
      : await filesForLive(directory)),
  );
  const what = `the disks of server ${server}`;
  const stream = framesOf({ start: { purpose, instancesDir }, files, what }, signal);
  return Readable.from(stream, { objectMode: false, signal });
}

interface Content extends Outgoing {
  readonly file: SentFile & { readonly kind: 'content' };
}

interface Outline {
  readonly start: Parameters<typeof jsonFrame>[1];
  readonly files: readonly Outgoing[];
  readonly what: string;
}

async function* framesOf({ start, files, what }: Outline, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield STREAM_MAGIC;
    yield jsonFrame('start', start);
    for (const { file, path } of files) {
      yield jsonFrame('file', file);
      if (file.kind === 'empty' || ('sent' in file && !file.sent)) continue;
      const sum = new ContentSum();
      for await (const { offset, data } of dataRuns(path, file.size, signal)) {
        const at = numberBytes(offset);
        sum.add(at, data);
        yield frame('data', at, data);
      }
      yield frame('sum', sum.end(file.size));
    }
    yield frame('end');
  } catch (error) {
    throw diskFailure(what, error);
  }
}

async function bootFiles(directory: string): Promise<Outgoing[]> {
  const files: Outgoing[] = [];
  for (const { file, path } of await contents(directory, BOOT_FILES)) {
    const sum = await sumOfFile(path, 'sha256');
    files.push({ file: { ...file, kind: 'boot', sum, sent: true }, path });
  }
  return files;
}

/**
 * What the guest wrote (disks and UEFI variables), and the base of the root disk. The destination creates
 * swap space anew.
 */
async function filesToMove(
  set: string,
  { cache, held, image }: Pick<DiskExport, 'held' | 'image'> & { readonly cache: ImageCache },
): Promise<Outgoing[]> {
  const { root, ephemeral, variables } = DISK_FILES;
  const files = await contents(set, [root, ephemeral, variables]);
  const search = { set, image: image ?? null, cache: cache.directory };
  const path = files[0]?.file.name === root ? await baseOf(join(set, root), search) : null;
  if (path === null) return files;
  const name = basename(path);
  const { size } = await stat(path);
  return [{ file: { kind: 'base', name, size, sent: !held.includes(name) }, path }, ...files];
}

/** Read-only discs, which libvirt does not migrate. QEMU migrates UEFI variables with the memory. */
async function filesForLive(directory: string): Promise<Outgoing[]> {
  const { configDrive, root, swap, ephemeral } = DISK_FILES;
  const files: Outgoing[] = await contents(directory, [configDrive]);
  for (const { file, path } of await contents(directory, [root, swap, ephemeral])) {
    const { name, size } = file;
    if (name !== root) files.push({ file: { kind: 'empty', name, size, format: 'raw' }, path });
    else if (!(await withImageFile(path, qcow2.matches))) files.push({ file, path });
    else {
      const virtual = await withImageFile(path, qcow2VirtualSize);
      files.push({ file: { kind: 'empty', name, size: virtual, format: 'qcow2' }, path });
    }
  }
  return files;
}

async function contents(directory: string, names: readonly string[]): Promise<Content[]> {
  const found: Content[] = [];
  for (const name of names) {
    const path = join(directory, name);
    if (await exists(path))
      found.push({ file: { kind: 'content', name, size: (await stat(path)).size }, path });
  }
  return found;
}
