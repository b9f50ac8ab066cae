import { isMissing } from '../files/failures.ts';

/** Number of tries. A file is missing again only if another host checks it at the very moment of its use. */
const TRIES = 5;

/**
 * Runs work on a file of a shared folder, and retries while the file is missing: another host that searches
 * for unused images renames a file while it checks whether a disk refers to it.
 * @throws the error of the last try
 */
export async function retryWhenMissing<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried++)
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error) || tried === TRIES) throw error;
    }
}
