import { Failure } from '../../model/failure.ts';

/**
 * Distinct parameters of a query. Each may become a condition, and databases support about a thousand of
 * those.
 */
export const MAX_QUERY_PARAMS = 256;

/**
 * Limits the number of query parameters: each value of each key, and each item of a comma-separated list.
 * Repeated values count once.
 * @throws {Failure} `invalid`
 */
export function requireBoundedQuery(query: unknown): void {
  let words = 0;
  for (const value of Object.values(query as Readonly<Record<string, string | string[]>>))
    for (const text of Array.isArray(value) ? new Set(value) : [value]) words += 1 + commasIn(text);
  if (words > MAX_QUERY_PARAMS)
    throw new Failure(
      'invalid',
      `The query has ${words} different words, the items of its lists included; at most ${MAX_QUERY_PARAMS} are accepted.`,
    );
}

function commasIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) count++;
  return count;
}
