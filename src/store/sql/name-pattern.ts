import { RE2JS } from 're2js';
import { Failure } from '../../model/failure.ts';

/** The length of the longest server name. A longer pattern cannot match any name. */
const MAX_PATTERN_LENGTH = 255;
const PLAIN = /^[^\\^$.|?*+()[\]{}]*$/;
/** A pattern without group, escape or second repetition: backtracking takes at most quadratic time. */
const SIMPLE = /^[^\\()*+?{]*[*+?]?[^\\()*+?{]*$/;

/**
 * A matcher for a name filter: as in Nova, a regular expression that may match anywhere in the name. No
 * pattern can block the service: RE2 takes time linear in the name's length, and the faster built-in
 * expressions are used only where they are safe. A pattern that is malformed or needs features that RE2 does
 * not have (look-around, back references) is matched literally.
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

/** An octal code to RE2, a back reference to other engines. */
const ESCAPED_DIGIT = /\\\d/;

/** Whether a pattern is valid and safe to match, with RE2 or another engine. */
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
export function requirePattern(filter: string, pattern: string): void {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new Failure(
      'invalid',
      `The filter '${filter}' has ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH} are accepted.`,
    );
}
