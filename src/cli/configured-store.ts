import { existsSync } from 'node:fs';
import type { Config } from '../config/declared.ts';
import { connectionOf } from '../main/connection.ts';
import { Failure } from '../model/failure.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/promise/store.ts';

/**
 * Opens the configured store for a command.
 * @throws {Failure} `not-found` when it does not exist: opening it would create a SQLite file
 */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  requireDatabase(config);
  const store = await openStore({ connection: connectionOf(config) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** @throws {Failure} `not-found` when the configured database is a SQLite file that does not exist */
export function requireDatabase({ database: { connection } }: Config): void {
  if (connection.dialect !== 'sqlite' || existsSync(connection.path)) return;
  throw new Failure(
    'not-found',
    `There is no database ${connection.path}: see [database] connection and --state-dir.`,
  );
}
