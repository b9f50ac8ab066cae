import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Version 3: secrets that the replicas of a control plane share. */
export function secrets(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'secrets', { name: 'text', value: 'text' }).addPrimaryKeyConstraint('secrets_key', [
      'name',
    ]),
  ];
}
