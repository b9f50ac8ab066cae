import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Version 6: consecutive wrong passwords, by user. */
export function failedLogins(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'failed_logins', { user_id: 'text', count: 'integer', last_at: 'long' })
      .addPrimaryKeyConstraint('failed_logins_key', ['user_id'])
      .addForeignKeyConstraint('failed_logins_user', ['user_id'], 'users', ['id'], (fk) =>
        fk.onDelete('cascade'),
      ),
  ];
}
