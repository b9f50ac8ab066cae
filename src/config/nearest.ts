import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that a mistyped word most likely means; undefined when more than a third of its letters
 * differ from every candidate.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const list = [...candidates];
  if (list.length === 0) return undefined;
  const best = closest(word, list);
  return distance(word, best) <= Math.floor(word.length / 3) ? best : undefined;
}
