/** The fields of `qemu-img info --output=json` that are used. */
interface ImageInfo {
  readonly filename?: unknown;
  readonly 'virtual-size'?: unknown;
  readonly format?: unknown;
  readonly encrypted?: unknown;
  readonly 'backing-filename'?: unknown;
  readonly 'format-specific'?: {
    readonly data?: {
      readonly 'data-file'?: unknown;
      readonly extents?: readonly { readonly filename?: unknown }[];
    };
  };
}

/**
 * The bytes of the disk in an image, as reported by qemu-img, if its report agrees with the inspector: the
 * same format, and no other file.
 * @param printed the program's output
 * @returns a text instead, as the end of a sentence that begins with the image, when the image must not be
 *   used
 */
export function sizeByInfo(printed: string, driver: string): number | string {
  const info = JSON.parse(printed) as ImageInfo;
  const size = info['virtual-size'];
  if (info.format !== driver) return `is read as ${JSON.stringify(info.format)}`;
  if (info['backing-filename'] !== undefined) return 'has a backing file';
  if (info.encrypted === true) return 'is encrypted';
  const { 'data-file': dataFile, extents = [] } = info['format-specific']?.data ?? {};
  if (dataFile !== undefined) return 'keeps its data in an external file';
  if (extents.length > 1 || extents.some(({ filename }) => filename !== info.filename))
    return 'has extents in other files';
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
    ? size
    : 'has an impossible size';
}
