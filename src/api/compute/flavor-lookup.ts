import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import type { Caller } from '../../model/identity.ts';
import type { FlavorId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * The flavor with this id, if the caller may see it: it is public or accessible to the caller's project, or
 * the caller is an administrator (nova/objects/flavor.py Flavor._flavor_get_query_from_db).
 * @throws {Failure} `not-found`, with Nova's text
 */
export async function visibleFlavor(store: Queries, caller: Caller, id: string): Promise<Flavor> {
  const flavor = await store.flavors.find(id as FlavorId);
  if (flavor !== undefined && maySee(flavor, caller)) return flavor;
  throw new Failure('not-found', `Flavor ${id} could not be found.`);
}

function maySee(flavor: Flavor, caller: Caller): boolean {
  if (caller.isAdmin || flavor.isPublic) return true;
  return caller.projectId !== null && flavor.access.includes(caller.projectId);
}
