import { Failure } from '../../model/failure.ts';

/** Milliseconds after which a transaction that has not ended is taken to wait for something else, and is rolled back. */
export const LONGEST_WORK = 10_000;

/** @throws {Failure} `internal` when the work takes longer than any that only asks the store */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Failure('internal', `A transaction waited for something else for ${LONGEST_WORK} ms.`));
  }, LONGEST_WORK);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
