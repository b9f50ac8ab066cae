import { RE2JS } from 're2js';
import { Failure } from '../../model/failure.ts';

/** As long as a server's name may be; a longer pattern is not a question about names. */
const MAX_PATTERN_LENGTH = 255;
const PLAIN = /^[^\\^$.|?*+()[\]{}]*$/;
/**
 * No group and no escape: with one repetition at most, backtracking costs no more than the square of the
 * name's length.
 */
const SIMPLE = /^[^\\()*+?{]*[*+?]?[^\\()*+?{]*$/;

/**
 * A name filter as Nova takes it: a regular expression that may match anywhere in the name. No pattern can
 * hold up the service: RE2 matches in time linear in the name's length, and the engine's own expressions,
 * which are quicker, serve only where they are safe. A pattern that cannot be read, or asks for what RE2
 * leaves out (look-around, back references), stands for its own letters.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (PLAIN.test(pattern)) return (name) => name.includes(pattern);
  try {
    if (SIMPLE.test(pattern)) {
      const quick = new RegExp(pattern, 'u');
      return (name) => quick.test(name);
    }
    const compiled = RE2JS.compile(pattern);
    return (name) => compiled.matcher(name).find();
  } catch {
    return (name) => name.includes(pattern);
  }
}

/** An octal code to RE2, a back reference to others. */
const ESCAPED_DIGIT = /\\\d/;

/**
 * Whether a pattern can be read and asks for nothing that could hold up whoever matches it, in RE2 or
 * elsewhere.
 */
export function isReadablePattern(pattern: string): boolean {
  if (PLAIN.test(pattern)) return true;
  try {
    RE2JS.compile(pattern);
    return !ESCAPED_DIGIT.test(pattern);
  } catch {
    return false;
  }
}

/** @throws {Failure} `invalid` when the pattern is longer than any name */
export function requireNamePattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new Failure(
      'invalid',
      `The filter 'name' has ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH} are accepted.`,
    );
}
