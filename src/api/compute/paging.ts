import { Failure } from '../../model/failure.ts';

/**
 * The page that a query asks for. A marker without a word is none: the first page.
 * @throws {Failure} `invalid` on a limit that is no number
 */
export function requestedPage(
  query: { readonly limit?: string | undefined; readonly marker?: string | undefined },
  most: number,
): { readonly limit: number; readonly marker?: string } {
  const { limit, marker = '' } = query;
  return { limit: pageLimit(limit, most), ...(marker !== '' && { marker }) };
}

/**
 * How many rows a page holds: the request's `limit`, cut to `[api] max_limit`; without one, or with 0, the
 * most.
 * @throws {Failure} `invalid` when it is no number
 */
export function pageLimit(asked: string | number | undefined, most: number): number {
  if (asked === undefined || asked === '') return most;
  const limit = Number(asked);
  if (!Number.isInteger(limit) || limit < 0)
    throw new Failure(
      'invalid',
      `Invalid input for query parameters limit. Value: ${asked}. '${asked}' does not match '^[0-9]*$'`,
    );
  return limit === 0 ? most : Math.min(limit, most);
}
