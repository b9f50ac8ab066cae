import { settlesWithin } from '../../async/settles-within.ts';
import { Failure } from '../../model/failure.ts';

/**
 * Milliseconds after which a transaction is rolled back: it must be waiting for something other than the
 * store.
 */
export const MAX_TRANSACTION_MS = 10_000;

/** @throws {Failure} `internal` when the work takes longer than `MAX_TRANSACTION_MS` */
export async function withTransactionTimeout<T>(work: Promise<T>): Promise<T> {
  if (await settlesWithin(work, MAX_TRANSACTION_MS)) return work;
  throw new Failure('internal', `A transaction was still open after ${MAX_TRANSACTION_MS} ms.`);
}
