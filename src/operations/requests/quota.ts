import { Failure } from '../../model/failure.ts';
import { type QuotaLimits, refuseOverQuota, type ServerUsage } from '../../model/quota.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { BeginContext } from '../engine/beginning.ts';
import type { OperationKind } from '../engine/step.ts';

/**
 * Refuses what would exceed a project's limits. What the project uses is read in the transaction that adds to
 * it.
 * @param of.of the operations that begin together, on servers of one project
 * @throws {Failure} `over-quota`
 */
export async function requireQuota<Request>(
  tx: Queries,
  { quota }: Pick<OperationKind<string, Request>, 'quota'>,
  { of, limits }: { of: readonly BeginContext<Request>[]; limits: QuotaLimits },
): Promise<void> {
  const [first] = of;
  if (first === undefined || quota === undefined) return;
  const asked = of.map((context) => quota.adds(context)).reduce(sum);
  refuseOverQuota({ asked, used: await tx.servers.usageOf(quota.project(first)), limits });
}

function sum(one: ServerUsage, other: ServerUsage): ServerUsage {
  return {
    instances: one.instances + other.instances,
    cores: one.cores + other.cores,
    ramMb: one.ramMb + other.ramMb,
  };
}

/**
 * @throws {Failure} `over-quota` when a server group would have more members than one may have; in Nova's
 * words
 */
export async function requireRoomInGroup(
  tx: Queries,
  group: string,
  { count, most }: { count: number; most: number },
): Promise<void> {
  if (most >= 0 && (await tx.groups.countMembers(group)) + count > most)
    throw new Failure('over-quota', 'Quota exceeded, too many servers in group');
}
