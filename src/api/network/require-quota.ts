import type { ProjectId } from '../../model/ids.ts';
import { type NetworkQuotaName, networkLimits, refuseOverNetworkQuota } from '../../model/network/quota.ts';
import type { Queries } from '../../store/promise/store.ts';

/** What a project has of the resources that are counted. */
export const USED: Partial<
  Record<NetworkQuotaName, (store: Queries, project: ProjectId) => Promise<number>>
> = {
  network: (store, project) => store.networks.count(project),
  subnet: (store, project) => store.subnets.count(project),
  port: (store, project) => store.ports.count(project),
  security_group: (store, project) => store.securityGroups.count(project),
  security_group_rule: (store, project) => store.securityGroups.countRules(project),
};

/**
 * Whether the project may have one more, in a locking transaction, which holds the number until it ends.
 * @throws {Failure} `over-quota`
 */
export async function requireQuota(
  store: Queries,
  name: NetworkQuotaName,
  project: ProjectId,
): Promise<void> {
  const limits = networkLimits(await store.quotas.of(project));
  if (limits[name] < 0) return;
  const used = (await USED[name]?.(store, project)) ?? 0;
  refuseOverNetworkQuota({ name, limits, used, asked: 1 });
}
