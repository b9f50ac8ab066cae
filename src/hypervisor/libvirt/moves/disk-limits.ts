import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ImageContents } from '../../../model/image.ts';
import { DISK_FILES } from '../disks/file-names.ts';
import { MAX_BOOT_FILE_BYTES } from '../disks/image-cache.ts';
import { hasUefi } from '../xml/hardware.ts';
import { damaged, MAX_FILE_BYTES, type SentFile, type StreamStart } from './disk-stream.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Maximum size of a config drive, which has a few files of at most 64 KiB each. */
const MAX_CONFIG_DRIVE_BYTES = 64 * MIB;
/** Maximum size of UEFI variables: QEMU's limit for all firmware of a PC. */
const MAX_VARIABLES_BYTES = 8 * MIB;

/** What the plan and the records of its images allow in a stream. */
export interface Expectation {
  readonly plan: GuestPlan;
  readonly contents: ImageContents;
  readonly purpose: StreamStart['purpose'];
}

/** Names of the files that a complete stream must have. */
export function filesNeeded({ plan: { image, flavor }, purpose }: Expectation): string[] {
  const { root, kernel, ramdisk, ephemeral, swap } = DISK_FILES;
  const isLive = purpose === 'live';
  return [
    root,
    ...(image.kernelId === null ? [] : [kernel]),
    ...(image.ramdiskId === null ? [] : [ramdisk]),
    ...(isLive && flavor.ephemeralGb > 0 ? [ephemeral] : []),
    ...(isLive && flavor.swapMb > 0 ? [swap] : []),
  ];
}

/**
 * Checks a file of a stream before any of its content is read.
 * @returns whether to keep it: swap space, and an ephemeral disk that the flavor does not have (any more),
 *   are created anew instead
 * @throws {Failure} `invalid` when the plan's server has no such file, or none of this kind or size
 */
export function checkFile(file: SentFile, expected: Expectation): boolean {
  const { flavor, image } = expected.plan;
  const { root, configDrive, swap, ephemeral, variables } = DISK_FILES;
  const isLive = expected.purpose === 'live';
  if (file.kind === 'base') return atMost(file, isLive ? -1 : rootBytes(expected.plan));
  if (file.kind === 'boot') return atMost(file, largestBootFile(file.name, expected));
  const isEmpty = file.kind === 'empty';
  switch (file.name) {
    case root:
      if (image.diskFormat === 'iso') return atMost(file, isEmpty ? -1 : image.size);
      if (isEmpty !== isLive || (isEmpty && file.format !== 'qcow2')) throw unexpected(file);
      return atMost(file, isLive ? rootBytes(expected.plan) : withTables(rootBytes(expected.plan)));
    case configDrive:
      return atMost(file, isLive && !isEmpty ? MAX_CONFIG_DRIVE_BYTES : -1);
    case swap:
      if (!isLive) return !atMost(file, isEmpty ? -1 : MAX_FILE_BYTES);
      return atMost(file, isEmpty && file.format === 'raw' ? flavor.swapMb * MIB : -1);
    case ephemeral:
      if (isLive) return atMost(file, isEmpty && file.format === 'raw' ? flavor.ephemeralGb * GIB : -1);
      if (flavor.ephemeralGb === 0) return !atMost(file, isEmpty ? -1 : MAX_FILE_BYTES);
      if (file.size > flavor.ephemeralGb * GIB)
        throw new Failure('invalid', 'Resize error: Unable to resize disk down.');
      return atMost(file, isEmpty ? -1 : MAX_FILE_BYTES);
    case variables:
      return atMost(file, isLive || isEmpty || !hasUefi(expected.plan) ? -1 : MAX_VARIABLES_BYTES);
    default:
      throw unexpected(file);
  }
}

/** Maximum bytes of the root disk. For a flavor without a size, only the maximum of a file applies. */
function rootBytes({ flavor }: GuestPlan): number {
  return flavor.rootGb === 0 ? MAX_FILE_BYTES : flavor.rootGb * GIB;
}

/** The size of a full QCOW2 file: the disk with its tables. */
function withTables(bytes: number): number {
  return bytes + Math.ceil(bytes / 64) + 64 * MIB;
}

function largestBootFile(name: string, { plan: { image }, contents }: Expectation): number {
  const id = name === DISK_FILES.kernel ? image.kernelId : image.ramdiskId;
  return id === null ? -1 : (contents[id]?.size ?? MAX_BOOT_FILE_BYTES);
}

function atMost(file: SentFile, largest: number): true {
  if (largest < 0) throw unexpected(file);
  if (file.size <= largest) return true;
  throw damaged(
    `has a file '${file.name.slice(0, 200)}' of ${file.size} bytes, where at most ${largest} are expected`,
  );
}

function unexpected({ kind, name }: SentFile): Failure {
  return damaged(`has a file '${name.slice(0, 200)}' (${kind}) that this server's disks do not have`);
}
