import { Failure } from './failure.ts';

/** The quota usage of servers. */
export interface ServerUsage {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
}

/** What a project's servers may take up; -1: no limit. */
export type QuotaLimits = ServerUsage;

/**
 * Refuses a request that would exceed a project's limits. A limit of -1 means unlimited.
 * @throws {Failure} `over-quota`, with Nova's text (nova/compute/utils.py check_num_instances_quota)
 */
export function refuseOverQuota(of: {
  readonly asked: ServerUsage;
  readonly used: ServerUsage;
  readonly limits: QuotaLimits;
}): void {
  const { asked, used, limits } = of;
  const rows = [
    { name: 'cores', asked: asked.cores, used: used.cores, limit: limits.cores },
    { name: 'instances', asked: asked.instances, used: used.instances, limit: limits.instances },
    { name: 'ram', asked: asked.ramMb, used: used.ramMb, limit: limits.ramMb },
  ];
  const over = rows.filter((row) => row.asked > 0 && row.limit >= 0 && row.used + row.asked > row.limit);
  if (over.length === 0) return;
  const all = (pick: (row: (typeof rows)[number]) => string | number) => over.map(pick).join(', ');
  const names = all((row) => row.name);
  throw new Failure(
    'over-quota',
    `Quota exceeded for ${names}: Requested ${all((row) => row.asked)}, but already used ${all((row) => row.used)} of ${all((row) => row.limit)} ${names}`,
  );
}
