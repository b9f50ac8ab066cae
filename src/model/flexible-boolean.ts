const TRUE_WORDS: readonly string[] = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS: readonly string[] = ['0', 'f', 'false', 'off', 'n', 'no'];

/** The boolean words of extra specs and image properties, for messages. */
export const ACCEPTED_BOOLEANS = `${TRUE_WORDS.join(', ')} for true, ${FALSE_WORDS.join(', ')} for false, in any case`;

/**
 * Reads a boolean as extra specs and image properties write it: twelve words, any case, spaces around them
 * ignored. The words are those of oslo.utils `strutils.bool_from_string`; unlike its lenient form, another
 * word is not false but nothing.
 *
 * @returns undefined when the text is none of the words
 */
export function parseFlexibleBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  return undefined;
}
