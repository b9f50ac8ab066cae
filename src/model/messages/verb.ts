import type { TSchema } from 'typebox';
import type { Commands, Verb } from '../command.ts';
import type { Feature } from '../feature.ts';
import type { FieldsOf } from './primitives.ts';

/** The requirements of a command on an agent. */
export interface VerbNeeds {
  /** The first protocol version with the command; by default 1. */
  readonly since?: number;
  /** The feature that the host's driver must have. */
  readonly feature?: Feature;
}

/** The form of one command on the bus. `reply` null: the reply is empty. */
export interface VerbSchema<V extends Verb> extends VerbNeeds {
  readonly ask: FieldsOf<Commands[V]['ask']>;
  readonly reply: TSchema | null;
}

/** A schema for each of these verbs. */
export type VerbSchemas<V extends Verb> = { readonly [Name in V]: VerbSchema<Name> };
