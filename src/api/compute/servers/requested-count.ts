import { Failure } from '../../../model/failure.ts';
import type { FlavorSnapshot } from '../../../model/flavor.ts';
import { type QuotaLimits, refuseOverQuota } from '../../../model/quota.ts';
import type { Usage } from '../../../store/promise/servers.ts';
import { parseInteger } from '../field-schemas.ts';

interface CountFields {
  readonly min_count?: string | number;
  readonly max_count?: string | number;
  readonly hostname?: string;
}

export interface RequestedCount {
  /** The minimum number of servers; with fewer, the request fails. */
  readonly least: number;
  /** The maximum number of servers, as far as the project's limits allow. */
  readonly most: number;
}

/**
 * The number of requested servers (nova/api/openstack/compute/servers.py ServersController.create).
 * @throws {Failure} `invalid`, with Nova's text
 */
export function requestedCount(body: CountFields): RequestedCount {
  const least = parseInteger('min_count', body.min_count ?? 1, 1);
  const most = parseInteger('max_count', body.max_count ?? least, 1);
  if (least > most) throw new Failure('invalid', 'min_count must be <= max_count');
  if (most > 1 && body.hostname !== undefined)
    throw new Failure('invalid', 'Unable to allocate a single hostname to multiple instances');
  return { least, most };
}

/**
 * The number of servers within the project's limits and the operator's bound: fewer than the maximum if
 * necessary, but not below the minimum (nova/compute/utils.py check_num_instances_quota).
 * @throws {Failure} `over-quota` below the minimum, `invalid` above the bound
 */
export function countWithin(
  { least, most }: RequestedCount,
  {
    used,
    limits,
    flavor,
    bound,
  }: {
    readonly used: Usage;
    readonly limits: QuotaLimits;
    readonly flavor: Pick<FlavorSnapshot, 'vcpus' | 'ramMb'>;
    /** `[api] max_servers_per_request`, which also applies to an unlimited quota. */
    readonly bound: number;
  },
): number {
  const room = (limit: number, taken: number, each: number) =>
    limit < 0 ? most : Math.floor((limit - taken) / each);
  const allowed = Math.min(
    most,
    room(limits.instances, used.instances, 1),
    room(limits.cores, used.cores, flavor.vcpus),
    room(limits.ramMb, used.ramMb, flavor.ramMb),
  );
  if (allowed < least) {
    const asked = { instances: most, cores: most * flavor.vcpus, ramMb: most * flavor.ramMb };
    refuseOverQuota({ asked, used, limits });
  }
  if (least > bound)
    throw new Failure(
      'invalid',
      `Invalid input for field/attribute min_count. Value: ${least}. One request makes at most ${bound} servers ([api] max_servers_per_request).`,
    );
  return Math.min(allowed, bound);
}
