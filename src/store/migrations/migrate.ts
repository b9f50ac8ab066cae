import type { Compilable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Database } from '../sql/session.ts';
import { firstTables } from './0001-first-tables.ts';
import { manyHosts } from './0002-many-hosts.ts';
import { secrets } from './0003-secrets.ts';
import { retiredIds } from './0004-retired-ids.ts';
import { imageUploads } from './0005-image-uploads.ts';
import { failedLogins } from './0006-failed-logins.ts';
import { namedSteps } from './0007-named-steps.ts';
import { cancelRequests } from './0008-cancel-requests.ts';
import { networks } from './0009-networks.ts';
import { identityClaims } from './0010-identity-claims.ts';
import type { Migration } from './migration.ts';

/** All migrations, oldest first. Their number is the version of the store. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  manyHosts,
  secrets,
  retiredIds,
  imageUploads,
  failedLogins,
  namedSteps,
  cancelRequests,
  networks,
  identityClaims,
];

/**
 * Migrates the tables to this program's version, in one transaction.
 * @throws {Failure} `invalid` when the store is of a newer version
 */
export function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const { db } = database.dialect;
  return database.exclusive(async (session) => {
    const run = (query: Compilable) => session.all(query.compile());
    await run(
      db.schema
        .createTable('nameplate_schema')
        .ifNotExists()
        .addColumn('version', 'integer', (c) => c.notNull()),
    );
    const [row] = (await run(db.selectFrom('nameplate_schema').select('version'))) as { version: number }[];
    const version = row?.version ?? 0;
    requireKnownVersion(version, migrations);
    if (row === undefined) await run(db.insertInto('nameplate_schema').values({ version }));
    for (const migration of migrations.slice(version))
      for (const part of migration(session.dialect))
        await (typeof part === 'function' ? part(session) : run(part));
    if (version < migrations.length)
      await run(db.updateTable('nameplate_schema').set({ version: migrations.length }));
  });
}

/** @throws {Failure} `invalid` when tables of this version are those of a newer Nameplate */
export function requireKnownVersion(version: number, migrations: readonly Migration[] = MIGRATIONS): void {
  if (version > migrations.length)
    throw new Failure(
      'invalid',
      `The store is of version ${version}, which a newer Nameplate wrote; this one knows versions up to ${migrations.length}. Start the newer Nameplate, or restore a backup from before it (nameplate db restore).`,
    );
}
