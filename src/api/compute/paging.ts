import { Failure } from '../../model/failure.ts';

/**
 * The page that a query requests. An empty marker means the first page.
 * @throws {Failure} `invalid` when the limit is not a number
 */
export function requestedPage(
  query: { readonly limit?: string | undefined; readonly marker?: string | undefined },
  most: number,
): { readonly limit: number; readonly marker?: string } {
  const { limit, marker = '' } = query;
  return { limit: pageLimit(limit, most), ...(marker !== '' && { marker }) };
}

/**
 * The size of a page: the request's `limit`, at most `[api] max_limit`, which also applies without a limit
 * or with 0.
 * @throws {Failure} `invalid` when the limit is not a number
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
