import { settlesWithin } from '../../async/settles-within.ts';
import { Failure } from '../../model/failure.ts';

/** Milliseconds after which a transaction that has not ended is taken to wait for something else, and is rolled back. */
export const LONGEST_WORK = 10_000;

/** @throws {Failure} `internal` when the work takes longer than any that only asks the store */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  if (await settlesWithin(work, LONGEST_WORK)) return work;
  throw new Failure('internal', `A transaction waited for something else for ${LONGEST_WORK} ms.`);
}
