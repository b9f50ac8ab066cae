import type { Config } from '../../../config/declared.ts';
import { Failure } from '../../../model/failure.ts';
import type { ProjectId } from '../../../model/ids.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { limitsOf } from '../quota.ts';

/** @throws {Failure} `over-quota` for more metadata items than the project's limit */
export async function requireMetadataQuota(
  { store, config }: { readonly store: Queries; readonly config: Config },
  project: ProjectId,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const count = Object.keys(metadata).length;
  if (count === 0) return;
  const limit = (await limitsOf(project, store, config)).metadata_items;
  if (limit >= 0 && count > limit)
    throw new Failure('over-quota', `Maximum number of metadata items exceeds ${limit}`);
}
