import { setTimeout as pause } from 'node:timers/promises';
import { PURGED_TABLES, type PurgeableRow, type PurgedTable, type PurgePiece } from './promise/purge.ts';
import type { Store } from './promise/store.ts';

/** Rows that one transaction removes. It blocks other writers for some milliseconds. */
const ROWS_AT_ONCE = 50;
/**
 * The shortest pause between two transactions, in milliseconds. Each pause is as long as the transaction
 * before it.
 */
const MIN_PAUSE_MS = 2;

/** What is purged, and how. */
export interface PurgeOrder {
  /**
   * Rows last changed before this time are removed; epoch milliseconds. Tokens are removed when they have
   * expired.
   */
  readonly before: number;
  /** The maximum number of rows to remove; absent: no limit. */
  readonly maxRows?: number;
  /** Counts the rows and removes nothing. */
  readonly dryRun?: boolean;
  /** Stops the purge between two transactions. */
  readonly signal?: AbortSignal;
  /** Archives rows before they are removed. Rows whose removal fails are passed again by the next purge. */
  readonly keep?: (table: PurgedTable, rows: readonly PurgeableRow[]) => Promise<void>;
  /** Called after each piece with the rows removed so far. */
  readonly onProgress?: (removed: ReadonlyMap<PurgedTable, number>) => void | Promise<void>;
}

/**
 * Removes old rows, table by table, in small transactions with pauses between them. It may stop at any point:
 * what is left is consistent, and the next purge continues.
 * @returns rows removed, by table; tables without any are absent
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
    await pause(Math.max(MIN_PAUSE_MS, performance.now() - began));
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
  await pause(Math.max(MIN_PAUSE_MS, performance.now() - began));
  return count;
}

function beforeOf(table: PurgedTable, { before }: PurgeOrder): number {
  return table === 'tokens' ? Date.now() : before;
}
