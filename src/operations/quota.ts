import { Failure } from '../model/failure.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Usage } from '../store/promise/servers.ts';
import type { Queries } from '../store/store.ts';
import type { QuotaLimits } from './operations.ts';

/**
 * Refuses what would go over a project's limits; read in the same transaction as the rows that take it up.
 * @throws {Failure} `over-quota`, in Nova's words (nova/compute/utils.py check_num_instances_quota)
 */
export async function requireQuota(
  tx: Queries,
  project: ProjectId,
  { asked, limits }: { asked: Usage; limits: QuotaLimits },
): Promise<void> {
  const used = await tx.servers.usageOf(project);
  const rows = [
    { name: 'cores', asked: asked.cores, used: used.cores, limit: limits.cores },
    { name: 'instances', asked: asked.instances, used: used.instances, limit: limits.instances },
    { name: 'ram', asked: asked.ramMb, used: used.ramMb, limit: limits.ramMb },
  ];
  const over = rows.filter((row) => row.asked > 0 && row.limit >= 0 && row.used + row.asked > row.limit);
  if (over.length === 0) return;
  const all = (of: (row: (typeof rows)[number]) => string | number) => over.map(of).join(', ');
  const names = all((row) => row.name);
  throw new Failure(
    'over-quota',
    `Quota exceeded for ${names}: Requested ${all((row) => row.asked)}, but already used ${all((row) => row.used)} of ${all((row) => row.limit)} ${names}`,
  );
}

/** @throws {Failure} `over-quota` when a server group would have more members than one may have; in Nova's words */
export async function requireRoomInGroup(
  tx: Queries,
  group: string,
  { count, most }: { count: number; most: number },
): Promise<void> {
  if (most >= 0 && (await tx.groups.countMembers(group)) + count > most)
    throw new Failure('over-quota', 'Quota exceeded, too many servers in group');
}
