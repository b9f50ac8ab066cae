/** The names of the specification: the flavor's extra spec and the image's property. */
const EXTRA_SPEC = 'hw:unique_serial';
const IMAGE_PROPERTY = 'hw_unique_serial';

const LETTERS = 'uniqueserial';
/** Prefixes that users confuse with `hw`. */
const PREFIXES = ['', 'hw', 'os', 'img', 'nova', 'libvirt'];
/** A longer key cannot be a misspelling. This bounds the time of the comparison. */
const MAX_KEY = 40;

/**
 * Whether a key is a misspelling of `hw:unique_serial` or `hw_unique_serial`: with other separators,
 * upper-case letters, another prefix or none, or one typing error (an additional, missing or wrong letter,
 * or two swapped letters). On an image or a flavor such a key would silently have no effect.
 */
export function isSerialNearMiss(key: string): boolean {
  if (key === EXTRA_SPEC || key === IMAGE_PROPERTY || key.length > MAX_KEY) return false;
  const letters = key
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return PREFIXES.some((prefix) => letters === prefix + LETTERS) || isOneSlipAway(letters, `hw${LETTERS}`);
}

function isOneSlipAway(from: string, to: string): boolean {
  let start = 0;
  while (start < Math.min(from.length, to.length) && from[start] === to[start]) start++;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && from.at(-1 - end) === to.at(-1 - end)) end++;
  const [left, right] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
