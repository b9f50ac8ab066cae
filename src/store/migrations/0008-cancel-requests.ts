import { type Compilable, sql } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { addColumns } from './tables.ts';

const NEWEST_ABORT = sql<string | null>`(select request_id from instance_actions
  where instance_actions.server_id = operations.server_id and action = 'live_migration_cancel' order by number desc limit 1)`;

/** Version 8: a cancelled operation names the request whose instance action ends with it. */
export function cancelRequests(dialect: StoreDialect): Compilable[] {
  const { db } = dialect;
  return [
    ...addColumns(dialect, 'operations', { cancel_request_id: 'text?' }),
    db
      .updateTable('operations')
      .set({ cancel_request_id: NEWEST_ABORT })
      .where('kind', '=', sql.lit('live-migrate-server'))
      .where('cancelled', '=', sql.lit(1))
      .where('unfinished', '=', sql.lit(1)),
  ];
}
