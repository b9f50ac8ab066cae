import { validateExtraSpec } from '../../../model/extra-spec.ts';
import { Failure } from '../../../model/failure.ts';
import { type FlavorSnapshot, snapshotOfFlavor } from '../../../model/flavor.ts';
import type { Caller } from '../../../model/identity.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { idInReference } from '../../http/id-in-reference.ts';
import { visibleFlavor } from '../flavor-lookup.ts';

/**
 * The flavor of a new or resized server, as the server stores it. Extra specs that are always checked are
 * checked again, because this copy decides the serial.
 * @throws {Failure} `invalid`, also for a missing flavor, which is an error of the body
 */
export async function flavorForServer(
  store: Queries,
  caller: Caller,
  flavorRef: string | number,
): Promise<FlavorSnapshot> {
  const flavor = await visibleFlavor(store, caller, idInReference(flavorRef)).catch(asInvalid);
  if (flavor.disabled) throw new Failure('invalid', `Flavor ${flavor.id} could not be found.`);
  for (const [key, value] of Object.entries(flavor.extraSpecs))
    validateExtraSpec({ key, value, strictNames: false });
  return snapshotOfFlavor(flavor);
}

function asInvalid(error: unknown): never {
  if (error instanceof Failure && error.kind === 'not-found') throw new Failure('invalid', error.message);
  throw error;
}
