import { Failure } from '../failure.ts';

/** Neutron's quota resources, and what a project may have of each; -1: no limit (neutron/conf/quota.py). */
const DEFAULTS = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: 500,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
} as const;

export type NetworkQuotaName = keyof typeof DEFAULTS;
export type NetworkLimits = Readonly<Record<NetworkQuotaName, number>>;

export const NETWORK_QUOTA_NAMES = Object.keys(DEFAULTS) as readonly NetworkQuotaName[];
/** The limits of a project. @param stored those that were set for it */
export function networkLimits(stored: Readonly<Record<string, number>>): NetworkLimits {
  const limits = NETWORK_QUOTA_NAMES.map((name) => [name, stored[name] ?? DEFAULTS[name]]);
  return Object.fromEntries(limits) as NetworkLimits;
}

/**
 * Refuses what would go over a project's limit.
 * @throws {Failure} `over-quota` (neutron_lib/exceptions/__init__.py OverQuota)
 */
export function refuseOverNetworkQuota(of: {
  readonly name: NetworkQuotaName;
  readonly limits: NetworkLimits;
  readonly used: number;
  readonly asked: number;
}): void {
  const limit = of.limits[of.name];
  if (limit < 0 || of.used + of.asked <= limit) return;
  throw new Failure(
    'over-quota',
    `Quota exceeded for resources: ['${of.name}']. ${of.used} of ${limit} are used, ${of.asked} more asked for.`,
    { type: 'OverQuota' },
  );
}
