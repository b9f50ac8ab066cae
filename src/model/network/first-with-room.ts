import { Failure } from '../failure.ts';

/** Type of the failure of a subnet that has no address left. */
const EXHAUSTED = 'IpAddressGenerationFailure';

/**
 * Makes something with the first choice of addresses that is not exhausted.
 * @param choices at least one
 * @throws {Failure} of the last choice when all are exhausted; any other at once
 */
export async function firstWithRoom<Choice, Made>(
  choices: readonly Choice[],
  make: (choice: Choice) => Promise<Made>,
): Promise<Made> {
  let exhausted: Failure | undefined;
  for (const choice of choices)
    try {
      return await make(choice);
    } catch (error) {
      if (!(error instanceof Failure && error.type === EXHAUSTED)) throw error;
      exhausted = error;
    }
  throw exhausted ?? new Failure('internal', 'No address was chosen.');
}
