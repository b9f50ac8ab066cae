/** What names files of a host, or is a command line or a stack. */
const OF_THE_HOST =
  /(?:^|[\s'"(=:[,])(?:\/[\w.@+-]+){1,}|\bfile:\/\/|\bqemu-(?:system|img|kvm|nbd)\b|\n\s+at /i;

/** In its place: who may read more reads the operator's text. */
const GENERIC = 'The compute host failed.';

/**
 * A failure's text as users may read it, kept with a server's fault and with events. Texts for users name no
 * file, command line or stack of a host; one that does all the same, such as that of an older agent, is not
 * shown.
 */
export function userText(message: string): string {
  return OF_THE_HOST.test(message) ? GENERIC : message;
}
