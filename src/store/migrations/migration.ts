import type { Compilable } from 'kysely';
import type { Session, StoreDialect } from '../sql/session.ts';

/** Work on the rows that no statement of both databases can do. */
export type Rewriting = (session: Session) => Promise<void>;

/**
 * One step from a version of the tables to the next, in order. Once released, a migration is never changed.
 */
export type Migration = (dialect: StoreDialect) => readonly (Compilable | Rewriting)[];
