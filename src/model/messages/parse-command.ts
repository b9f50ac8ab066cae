import type { TSchema } from 'typebox';
import type { Command, Verb } from '../command.ts';
import { Failure } from '../failure.ts';
import { checked } from './checked.ts';
import { exactly, oneOf } from './primitives.ts';
import { VERBS } from './verbs.ts';

const schemas = new Map<Verb, TSchema>();

/**
 * A command as it reached an agent.
 * @throws {Failure} `not-implemented` for a verb or field that this agent does not know, as a newer control plane may send;
 *   `invalid` for a value that is not what the field holds
 */
export function parseCommand(said: unknown): Command {
  const verb = verbOf(said);
  const parsed = checked(schemaOf(verb), said);
  if (parsed.ok) return parsed.value as Command;
  if (parsed.unknown !== undefined) throw notKnown(`field ${parsed.unknown} of the command ${verb}`);
  throw new Failure('invalid', 'The compute host cannot read what it is asked to do.', {
    operatorText: `The command ${verb} is malformed: ${parsed.why}`,
  });
}

function verbOf(said: unknown): Verb {
  const verb = (said as { readonly verb?: unknown } | null | undefined)?.verb;
  if (typeof verb === 'string' && Object.hasOwn(VERBS, verb)) return verb as Verb;
  throw notKnown(`command ${typeof verb === 'string' ? verb.slice(0, 64) : 'without a verb'}`);
}

function schemaOf(verb: Verb): TSchema {
  const known = schemas.get(verb);
  if (known !== undefined) return known;
  const made = exactly<Record<string, unknown>>({ verb: oneOf([verb]), ...VERBS[verb].ask });
  schemas.set(verb, made);
  return made;
}

function notKnown(what: string): Failure {
  return new Failure('not-implemented', 'The compute host does not support this.', {
    operatorText: `The agent does not know the ${what}: it is older than the control plane that asks`,
  });
}
