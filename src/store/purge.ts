import { setTimeout as pause } from 'node:timers/promises';
import { PURGED_TABLES, type PurgeableRow, type PurgedTable, type PurgePiece } from './promise/purge.ts';
import type { Store } from './promise/store.ts';

/** Rows that one transaction removes: it holds up writers for some milliseconds. */
const ROWS_AT_ONCE = 50;
/** Others write for as long as a transaction of the purge took, and at least so long, before the next one. Milliseconds. */
const SHORTEST_PAUSE_MS = 2;

/** What is purged, and how. */
export interface PurgeOrder {
  /** Rows that were last changed before this time may go; epoch milliseconds. Tokens go as soon as they have expired. */
  readonly before: number;
  /** The most rows that are removed. Without: all that may go. */
  readonly maxRows?: number;
  /** Counts what would go, and removes nothing. */
  readonly dryRun?: boolean;
  /** Ends the purge between two transactions. */
  readonly signal?: AbortSignal;
  /** Is handed rows before they are removed. Rows that then cannot be removed after all are handed over again another time. */
  readonly keep?: (table: PurgedTable, rows: readonly PurgeableRow[]) => Promise<void>;
  /** Is told of each piece, with what has been removed so far. */
  readonly onProgress?: (removed: ReadonlyMap<PurgedTable, number>) => void | Promise<void>;
}

/**
 * Removes rows of the past, table by table, in small transactions with pauses between them. It may end at any point: what is left is consistent,
 * and goes another time.
 * @returns how many rows of each table were removed; none of those of which there were none
 */
export async function purge(store: Store, order: PurgeOrder): Promise<ReadonlyMap<PurgedTable, number>> {
  const removed = new Map<PurgedTable, number>();
  let left = order.maxRows ?? Number.POSITIVE_INFINITY;
  for (const table of PURGED_TABLES)
    for await (const rows of rowsOf(store, table, order)) {
      if (left <= 0 || order.signal?.aborted) return removed;
      const some = rows.slice(0, left);
      const count = order.dryRun ? some.length : await remove(store, table, { rows: some, order });
      left -= count;
      if (count > 0) removed.set(table, (removed.get(table) ?? 0) + count);
      await order.onProgress?.(removed);
    }
  return removed;
}

async function* rowsOf(store: Store, table: PurgedTable, order: PurgeOrder) {
  for (let after: string | number | null = null; !order.signal?.aborted; ) {
    const began = performance.now();
    const piece: PurgePiece = await store.purge.piece({ table, before: beforeOf(table, order), after });
    for (let at = 0; at < piece.rows.length; at += ROWS_AT_ONCE)
      yield piece.rows.slice(at, at + ROWS_AT_ONCE);
    after = piece.next;
    if (after === null) return;
    await pause(Math.max(SHORTEST_PAUSE_MS, performance.now() - began));
  }
}

async function remove(
  store: Store,
  table: PurgedTable,
  { rows, order }: { readonly rows: readonly PurgeableRow[]; readonly order: PurgeOrder },
): Promise<number> {
  const began = performance.now();
  await order.keep?.(table, rows);
  const keys = [...new Set(rows.map(({ key }) => key))];
  const count = await store.purge.remove({ table, before: beforeOf(table, order), keys });
  await pause(Math.max(SHORTEST_PAUSE_MS, performance.now() - began));
  return count;
}

function beforeOf(table: PurgedTable, { before }: PurgeOrder): number {
  return table === 'tokens' ? Date.now() : before;
}
