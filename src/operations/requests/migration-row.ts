import { randomUUID } from 'node:crypto';
import type { Migration, MigrationType } from '../../model/migration.ts';
import type { Operation } from '../../model/operation.ts';
import type { Server } from '../../model/server.ts';

/**
 * The migration that a move shows itself as, when it has just been asked for (nova/objects/migration.py
 * Migration).
 */
export function newMigration(
  operation: Operation,
  { server, type }: { server: Server; type: MigrationType },
): Omit<Migration, 'number'> {
  return {
    uuid: randomUUID(),
    serverId: server.id,
    operationId: operation.id,
    type,
    status: 'accepted',
    sourceHost: server.host,
    destHost: null,
    oldFlavorId: server.flavor.id,
    newFlavorId: (server.resizeTo ?? server.flavor).id,
    projectId: operation.projectId,
    userId: operation.userId,
    progress: null,
    createdAt: operation.createdAt,
    updatedAt: operation.createdAt,
  };
}
