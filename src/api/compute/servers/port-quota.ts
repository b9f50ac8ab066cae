import type { ProjectId } from '../../../model/ids.ts';
import type { ApiDependencies } from '../../http/dependencies.ts';

/** Neutron's quota_port (neutron/conf/quota.py). */
const DEFAULT_LIMIT = 500;

/** How many ports a project may have; -1: no limit. */
export async function portLimitOf({ store }: ApiDependencies, project: ProjectId): Promise<number> {
  return (await store.quotas.of(project)).port ?? DEFAULT_LIMIT;
}
