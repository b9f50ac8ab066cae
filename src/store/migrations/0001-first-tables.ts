import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { identityTables } from './0001-identity-tables.ts';
import { imageTables } from './0001-image-tables.ts';
import { operationTables } from './0001-operation-tables.ts';
import { serverTables } from './0001-server-tables.ts';

/** Version 1: everything that one machine needs. */
export function firstTables(dialect: StoreDialect): Compilable[] {
  return [
    ...serverTables(dialect),
    ...operationTables(dialect),
    ...imageTables(dialect),
    ...identityTables(dialect),
  ];
}
