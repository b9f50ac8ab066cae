const TRUE_WORDS: readonly string[] = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS: readonly string[] = ['0', 'f', 'false', 'off', 'n', 'no'];

/** The accepted boolean values of extra specs and image properties, for messages. */
export const ACCEPTED_BOOLEANS = `${TRUE_WORDS.join(', ')} for true, ${FALSE_WORDS.join(', ')} for false, in any case`;

/**
 * Parses a boolean of an extra spec or image property: twelve words, in any case, with spaces around them
 * ignored. The words are those of oslo.utils `strutils.bool_from_string`. Unlike its lenient form, this
 * parser does not take other words for false.
 *
 * @returns undefined when the text is none of the words
 */
export function parseFlexibleBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  return undefined;
}
