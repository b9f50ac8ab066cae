import { randomUUID } from 'node:crypto';
import type { FlavorId, HostName, OperationId, ProjectId, ServerId, UserId } from '../../src/model/ids.ts';
import type { Migration } from '../../src/model/migration.ts';

/** A cold migration that is over, with these fields instead of the usual ones. */
export function sampleMigration(fields: Partial<Migration> = {}): Omit<Migration, 'number'> {
  return {
    uuid: randomUUID(),
    serverId: randomUUID() as ServerId,
    operationId: randomUUID() as OperationId,
    type: 'migration',
    status: 'confirmed',
    sourceHost: 'cmp1' as HostName,
    destHost: 'cmp2' as HostName,
    oldFlavorId: '1' as FlavorId,
    newFlavorId: 'm1.small' as FlavorId,
    projectId: 'p' as ProjectId,
    userId: 'u' as UserId,
    progress: null,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...fields,
  };
}
