import { Failure } from '../../../model/failure.ts';
import type { FlavorSnapshot } from '../../../model/flavor.ts';
import type { Caller } from '../../../model/identity.ts';

/**
 * Nova's policy `os_compute_api:servers:create:zero_disk_flavor`. A flavor without a root disk does not
 * limit the disk space of an image on a compute host, so only administrators may use one for a server
 * without a volume (nova/compute/api.py _validate_flavor_image_nostatus). Nova checks it at create, rebuild
 * and resize.
 * @throws {Failure} `forbidden`
 */
export function requireDisk(caller: Caller, flavor: Pick<FlavorSnapshot, 'rootGb'>): void {
  if (flavor.rootGb === 0 && !caller.isAdmin)
    throw new Failure('forbidden', 'Only volume-backed servers are allowed for flavors with zero disk.');
}
