import { Type } from 'typebox';
import { count } from '../../model/messages/primitives.ts';
import { schemaOf } from '../engine/stored-values.ts';

/**
 * The input of an operation that finishes the migration record of a pending resize: its number, where there
 * is one.
 */
export interface MigrationInput {
  readonly migration?: number;
}

export const MIGRATION_INPUT = schemaOf<MigrationInput>({ migration: Type.Optional(count()) });
