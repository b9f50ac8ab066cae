import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import { refuseOverQuota } from '../../model/quota.ts';
import type { Usage } from '../../store/promise/servers.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { QuotaLimits } from './operations.ts';

/**
 * Refuses what would go over a project's limits; read in the same transaction as the rows that take it up.
 * @throws {Failure} `over-quota`
 */
export async function requireQuota(
  tx: Queries,
  project: ProjectId,
  { asked, limits }: { asked: Usage; limits: QuotaLimits },
): Promise<void> {
  refuseOverQuota({ asked, used: await tx.servers.usageOf(project), limits });
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
