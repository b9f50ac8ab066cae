import { RE2JS } from 're2js';
import { Failure } from '../model/failure.ts';

/** As long as a server's name may be; a longer pattern is not a question about names. */
const LONGEST_PATTERN = 255;
const PLAIN = /^[^\\^$.|?*+()[\]{}]*$/;
/** No group and no escape: with one repetition at most, backtracking costs no more than the square of the name's length. */
const SIMPLE = /^[^\\()*+?{]*[*+?]?[^\\()*+?{]*$/;

/**
 * A name filter as Nova takes it: a regular expression that may match anywhere in the name. It is matched in time
 * linear in the name's length (RE2, or the engine's own where that is safe and quicker), so no pattern can hold up the service; one that RE2 cannot read (a bad one, a look-around,
 * a back reference) stands for its own letters.
 * @throws {Failure} `invalid` when the pattern is too long
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (pattern.length > LONGEST_PATTERN)
    throw new Failure(
      'invalid',
      `The filter 'name' has ${pattern.length} characters; at most ${LONGEST_PATTERN} are accepted.`,
    );
  if (PLAIN.test(pattern)) return (name) => name.includes(pattern);
  try {
    if (SIMPLE.test(pattern)) {
      const quick = new RegExp(pattern);
      return (name) => quick.test(name);
    }
    const compiled = RE2JS.compile(pattern);
    return (name) => compiled.matcher(name).find();
  } catch {
    return (name) => name.includes(pattern);
  }
}
