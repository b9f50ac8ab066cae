import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';

/** The statements of one step from a version of the tables to the next. Once released, a migration is never changed. */
export type Migration = (dialect: StoreDialect) => readonly Compilable[];
