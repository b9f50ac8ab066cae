import { isMissing } from '../files/failures.ts';

/**
 * How often a file may be missed. Each time, another host's search must begin in the very moment in which the
 * file is used.
 */
const TRIES = 5;

/**
 * Does work on a file of a shared folder, again where the file was gone meanwhile: the search for unused
 * images of another host takes a file's name away for as long as it looks whether a disk is over it.
 * @throws what `work` throws, the last time
 */
export async function retryWhenMissing<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried++)
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error) || tried === TRIES) throw error;
    }
}
