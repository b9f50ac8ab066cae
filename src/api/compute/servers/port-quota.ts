import type { ProjectId } from '../../../model/ids.ts';
import { networkLimits } from '../../../model/network/quota.ts';
import type { ApiDependencies } from '../../http/dependencies.ts';

/** How many ports a project may have; -1: no limit. */
export async function portLimitOf({ store }: ApiDependencies, project: ProjectId): Promise<number> {
  return networkLimits(await store.quotas.of(project)).port;
}
