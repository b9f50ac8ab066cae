import type { TSchema } from 'typebox';
import type { Command, Verb } from '../command.ts';
import { Failure } from '../failure.ts';
import { areNeighbours, PROTOCOL } from '../protocol.ts';
import { checked } from './checked.ts';
import { notKnown } from './not-known.ts';
import { exactly, oneOf } from './primitives.ts';
import { VERBS } from './verbs.ts';

const schemas = new Map<Verb, TSchema>();

/**
 * Parses a command that reached an agent.
 * @param control the protocol of the control plane that sent it
 * @throws {Failure} `not-implemented`, with both versions, for a verb, field or protocol that this agent does
 *   not know; `invalid` for a malformed value
 */
export function parseCommand(said: unknown, control: number): Command {
  const by = { by: 'agent', agent: PROTOCOL, control } as const;
  if (!areNeighbours(PROTOCOL, control)) throw notKnown('protocol of the control plane', by);
  const verb = verbOf(said);
  if (verb === undefined) throw notKnown(describeVerb(said), by);
  const parsed = checked(schemaOf(verb), said);
  if (parsed.ok) return parsed.value as Command;
  if (parsed.unknown !== undefined) throw notKnown(`field ${parsed.unknown} of the command ${verb}`, by);
  throw new Failure('invalid', 'The compute host cannot read the command that it received.', {
    operatorText: `The command ${verb} is malformed: ${parsed.why}`,
  });
}

function verbOf(said: unknown): Verb | undefined {
  const verb = (said as { readonly verb?: unknown } | null | undefined)?.verb;
  return typeof verb === 'string' && Object.hasOwn(VERBS, verb) ? (verb as Verb) : undefined;
}

function describeVerb(said: unknown): string {
  const verb = (said as { readonly verb?: unknown } | null | undefined)?.verb;
  return `command ${typeof verb === 'string' ? verb.slice(0, 64).replace(/[^\x20-\x7e]/g, '?') : 'without a verb'}`;
}

function schemaOf(verb: Verb): TSchema {
  const known = schemas.get(verb);
  if (known !== undefined) return known;
  const made = exactly<Record<string, unknown>>({ verb: oneOf([verb]), ...VERBS[verb].ask });
  schemas.set(verb, made);
  return made;
}
