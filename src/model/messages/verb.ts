import type { TSchema } from 'typebox';
import type { Commands, Verb } from '../command.ts';
import type { FieldsOf } from './primitives.ts';

/** How one command looks on the bus. `reply` null: the agent says only that it is done. */
export interface VerbSchema<V extends Verb> {
  readonly ask: FieldsOf<Commands[V]['ask']>;
  readonly reply: TSchema | null;
}

/** A schema for each of these verbs. */
export type VerbSchemas<V extends Verb> = { readonly [Name in V]: VerbSchema<Name> };
