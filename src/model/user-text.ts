/** Matches file names, command lines and stack traces of a host. */
const HOST_DETAILS =
  /(?:^|[\s'"(=:[,])(?:\/[\w.@+-]+){1,}|\bfile:\/\/|\bqemu-(?:system|img|kvm|nbd)\b|\n\s+at /i;

/** Replaces a text with such details. Administrators can read the operator text. */
const GENERIC = 'The compute host failed.';

/**
 * A failure's text as users may read it in a server's fault and in events. Texts for users must not name
 * files, command lines or stack traces of a host. A text that does, such as that of an older agent, is
 * replaced.
 */
export function userText(message: string): string {
  return HOST_DETAILS.test(message) ? GENERIC : message;
}
