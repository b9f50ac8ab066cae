import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { DiskFormat, ImageContent, ImageSnapshot } from '../../../model/image.ts';

const SHA512 = /^[0-9a-f]{128}$/;
const MD5 = /^[0-9a-f]{32}$/;
/** A checksum, with the original format of a converted file. */
const CONTENT_NAME = /^([0-9a-f]{128}|[0-9a-f]{32})(\.[a-z0-9]{1,8})?$/;
/**
 * Kernels and ramdisks of release 0.1, by image id. No guest refers to them, because each has its own link
 * or copy.
 */
const BOOT_FILE_0_1 = /^boot-[0-9a-f-]{36}(\.[0-9a-f]{64})?$/;
/** Formats whose data is the disk itself. All other formats are converted to raw. */
const UNCONVERTED_FORMATS: readonly DiskFormat[] = ['raw', 'ami', 'aki', 'ari', 'iso'];

/** Whether disks use the image's own data as backing file, and not a converted copy. */
export function isUsedUnconverted(format: DiskFormat): boolean {
  return UNCONVERTED_FORMATS.includes(format);
}

/**
 * The name of the file with an image's own data: its SHA-512, or its md5 if the record has only that, as in
 * release 0.1.
 * @throws {Failure} `invalid` when the checksum is malformed
 */
export function nameOfContent(id: ImageId, { sha512, md5 }: ImageContent): string {
  if (sha512 === null ? MD5.test(md5) : SHA512.test(sha512)) return sha512 ?? md5;
  const [kind, value] = sha512 === null ? ['an md5', md5] : ['a SHA-512', sha512];
  throw new Failure(
    'invalid',
    `Image ${id} has the checksum '${value.slice(0, 140)}', which is not ${kind} in hex.`,
  );
}

/**
 * The name of the raw backing file for disks of an image: `<checksum>`, or `<checksum>.<format>` if it was
 * converted.
 */
export function nameOfBase(id: ImageId, content: ImageContent, format: DiskFormat): string {
  const name = nameOfContent(id, content);
  return isUsedUnconverted(format) ? name : `${name}.${format}`;
}

/**
 * Whether a file of this name may be the backing file for disks of an image. A server of release 0.1 has no
 * SHA-512 of its image, so any SHA-512 may be that of its image.
 */
export function isBaseOf(
  name: string,
  { checksum, hashValue, diskFormat }: Pick<ImageSnapshot, 'checksum' | 'hashValue' | 'diskFormat'>,
): boolean {
  const ending = isUsedUnconverted(diskFormat) ? '' : `.${diskFormat}`;
  if (!name.endsWith(ending)) return false;
  const sum = ending === '' ? name : name.slice(0, -ending.length);
  return sum === checksum || (hashValue == null ? SHA512.test(sum) : sum === hashValue);
}

/** Whether the cache of this or an earlier release created a file of the cache folder. */
export function isCacheFile(name: string): boolean {
  return CONTENT_NAME.test(name) || BOOT_FILE_0_1.test(name);
}
