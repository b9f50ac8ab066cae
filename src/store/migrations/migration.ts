import type { Compilable } from 'kysely';
import type { Session, StoreDialect } from '../sql/session.ts';

/** A change of rows that cannot be expressed as one statement for both databases. */
export type Rewriting = (session: Session) => Promise<void>;

/**
 * The migration of the tables from one version to the next: statements in order. Never change a released
 * migration.
 */
export type Migration = (dialect: StoreDialect) => readonly (Compilable | Rewriting)[];
