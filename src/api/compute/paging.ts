import { Failure } from '../../model/failure.ts';

/**
 * How many rows a page holds: the request's `limit`, cut to `[api] max_limit`; without one, or with 0, the most.
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
