import { Failure } from '../../model/failure.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Migration, MigrationStatus } from '../../model/migration.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Requester } from '../engine/requester.ts';
import { understand } from '../engine/understand.ts';
import { hasArrived } from '../kinds/live-migrate-server.ts';
import { KINDS_BY_NAME } from '../kinds/operation-kinds.ts';
import { recordAction } from './record-action.ts';

interface LiveMigrationRequest {
  /** The migration's id in the API. */
  readonly number: number;
  readonly by: Requester;
  /** Epoch milliseconds */
  readonly at: number;
}

const ABORTABLE: readonly MigrationStatus[] = ['accepted', 'queued', 'preparing', 'running'];

/**
 * Asks a live migration to unwind (nova/compute/api.py live_migrate_abort). Whether it did, or came too late,
 * is said by the action's event at the end of both.
 * @throws {Failure} `not-found`, `conflict` when it is known to be too late
 */
export async function cancelLiveMigration(
  tx: Queries,
  id: ServerId,
  asked: LiveMigrationRequest,
): Promise<void> {
  const spoken = 'abort live migration';
  const { operationId } = await underWay(tx, id, { ...asked, statuses: ABORTABLE, spoken });
  const operation = await tx.operations.find(operationId);
  if (operation === undefined) throw tooLate(id, spoken);
  const understood = understand(KINDS_BY_NAME, operation);
  if (understood.ok && hasArrived(understood.operation)) throw tooLate(id, spoken);
  const action = { ...asked, action: 'live_migration_cancel' };
  // A second abort joins the first, whose event says how both end.
  if (operation.cancelRequestId !== null) return recordAction(tx, id, action);
  await tx.operations.cancel(id, asked.by.requestId);
  await recordAction(tx, id, { ...action, event: 'compute_live_migration_abort' });
}

/**
 * Records that a live migration was made to end (nova/compute/api.py live_migrate_force_complete).
 * @returns the source host, which is to be asked
 * @throws {Failure} `not-found`, `conflict` when it does not run
 */
export async function recordForcing(
  tx: Queries,
  id: ServerId,
  asked: LiveMigrationRequest,
): Promise<HostName> {
  const { sourceHost } = await underWay(tx, id, {
    ...asked,
    statuses: ['running'],
    spoken: 'force_complete',
  });
  if (sourceHost === null) throw new Failure('conflict', `Instance ${id} is on no host`);
  await recordAction(tx, id, { ...asked, action: 'live_migration_force_complete' });
  return sourceHost;
}

async function underWay(
  tx: Queries,
  id: ServerId,
  {
    number,
    statuses,
    spoken,
  }: LiveMigrationRequest & { statuses: readonly MigrationStatus[]; spoken: string },
): Promise<Migration> {
  const row = await tx.migrations.find(number);
  if (row === undefined || row.serverId !== id || row.type !== 'live-migration')
    throw new Failure('not-found', `Migration ${number} for server ${id} is not live-migration.`);
  const server = await tx.servers.find(id);
  if (server?.taskState !== 'migrating' || !statuses.includes(row.status)) throw tooLate(id, spoken);
  return row;
}

function tooLate(id: ServerId, spoken: string): Failure {
  return new Failure('conflict', `Instance ${id} is in an invalid state for '${spoken}'`);
}
