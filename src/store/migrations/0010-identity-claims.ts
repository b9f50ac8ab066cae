import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Version 10: values that servers were imported with. */
export function identityClaims(dialect: StoreDialect): Compilable[] {
  const { schema } = dialect.db;
  return [
    table(dialect, 'identity_claims', {
      kind: 'text',
      value: 'text',
      server_id: 'text',
    }).addPrimaryKeyConstraint('identity_claims_key', ['kind', 'value']),
    schema.createIndex('identity_claims_of_server').on('identity_claims').columns(['server_id']),
  ];
}
