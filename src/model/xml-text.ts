import { Failure } from './failure.ts';

// What XML 1.0 (section 2.2, Char) has no way to write, not even as a reference.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * The text itself, if XML can hold it: what goes into a guest's definition is checked by this where it is
 * set, and once more where the definition is written.
 * @param field how the user calls it
 * @throws {Failure} `invalid` when it has a control character, half a surrogate pair, U+FFFE or U+FFFF
 */
export function writableInXml(field: string, text: string): string {
  const found = UNWRITABLE.exec(text);
  if (found === null) return text;
  const code = found[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  throw new Failure(
    'invalid',
    `${field} has the character U+${code} at position ${found.index}, which a guest's definition cannot hold.`,
  );
}
