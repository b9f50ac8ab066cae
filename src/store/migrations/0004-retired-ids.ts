import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Version 4: ids that must never be used again, and chores that one replica does for all. */
export function retiredIds(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'retired_ids', { kind: 'text', id: 'text', at: 'long' }).addPrimaryKeyConstraint(
      'retired_ids_key',
      ['kind', 'id'],
    ),
    table(dialect, 'chores', { name: 'text', owner: 'text', until: 'long' }).addPrimaryKeyConstraint(
      'chores_key',
      ['name'],
    ),
  ];
}
