import type { TSchema } from 'typebox';
import type { Commands, Verb } from '../command.ts';
import type { Feature } from '../feature.ts';
import type { FieldsOf } from './primitives.ts';

/** What an agent needs for a command. */
export interface VerbNeeds {
  /** The protocol that the command came with; by default the first. */
  readonly since?: number;
  /** What the host's driver must be able to do. */
  readonly feature?: Feature;
}

/** How one command looks on the bus. `reply` null: the agent says only that it is done. */
export interface VerbSchema<V extends Verb> extends VerbNeeds {
  readonly ask: FieldsOf<Commands[V]['ask']>;
  readonly reply: TSchema | null;
}

/** A schema for each of these verbs. */
export type VerbSchemas<V extends Verb> = { readonly [Name in V]: VerbSchema<Name> };
