import { Failure } from './failure.ts';

// Characters that XML 1.0 (section 2.2, Char) cannot hold, not even as a reference.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * Returns the text if XML can hold it. Values of a guest's definition are checked by this function when they
 * are set, and again when the definition is written.
 * @param field the name of the field in the error text
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
