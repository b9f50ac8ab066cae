/** Error texts of QEMU about images, with a reason for the image's owner. */
const REFUSALS: readonly (readonly [pattern: RegExp, user: string])[] = [
  [/key-secret|encrypt|decrypt|\bluks\b/i, 'it is encrypted'],
  [
    /unsupported (?:incompatible )?feature|unsupported .*version|unsupported .*compression/i,
    'it uses a feature that the host does not know',
  ],
  [/too large|too big|exceeds the maximum|file size limit/i, 'a size in it is larger than is supported'],
  [
    /corrupt|invalid|truncated|overlap|end of file|input\/output error|short read|not in \w+ format/i,
    'it is damaged',
  ],
];

/**
 * Why QEMU cannot read an image, as the end of a sentence for its owner; undefined for an unknown error
 * text. Pure.
 */
export function imageRefusal(complaint: string): string | undefined {
  return REFUSALS.find(([pattern]) => pattern.test(complaint))?.[1];
}
