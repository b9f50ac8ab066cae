/** What QEMU says of an image that it cannot read, and what of it the image's owner can mend. */
const REFUSALS: readonly (readonly [says: RegExp, user: string])[] = [
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
 * Why an image cannot be read, as the end of a sentence for its owner; undefined when QEMU's words are not
 * known. Pure.
 */
export function imageRefusal(complaint: string): string | undefined {
  return REFUSALS.find(([says]) => says.test(complaint))?.[1];
}
