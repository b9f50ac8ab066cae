import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Clean } from 'typebox/value';
import { mayHaveUnknown } from './unknown-fields.ts';

/** What checking a value came to: the value without fields that the schema does not know, or what is wrong with it. */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      /** `/report/capacity must have required properties vcpus`: at most 300 characters, none of them the sender's own text but field names. */
      readonly why: string;
      /** Fields that the schema does not know and does not allow. */
      readonly unknown: readonly string[];
    };

const LONGEST_WHY = 300;
const compiled = new WeakMap<TSchema, Validator>();

/** Whether a value is what a schema says. Pure. */
export function matches(schema: TSchema, value: unknown): boolean {
  return validatorOf(schema).Check(value);
}

/** Checks a value against a schema, which is compiled when it is first used. Pure. */
export function checked(schema: TSchema, value: unknown): Checked {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return { ok: true, value: known(schema, value) };
  const errors = validator.Errors(value);
  const unknown = errors.flatMap((error) =>
    error.keyword === 'additionalProperties'
      ? error.params.additionalProperties.map((field) => shown(`${error.instancePath}/${field}`))
      : [],
  );
  const first = errors.find(({ keyword }) => keyword !== 'boolean' && keyword !== 'anyOf') ?? errors[0];
  return {
    ok: false,
    why: shown(`${first?.instancePath || 'it'} ${first?.message ?? 'is malformed'}`),
    unknown,
  };
}

/** The value without unknown fields. Hardly any message has some, and `Clean` costs many times what the check does. */
function known(schema: TSchema, value: unknown): unknown {
  return mayHaveUnknown(schema, value) ? Clean(schema, structuredClone(value)) : value;
}

function validatorOf(schema: TSchema): Validator {
  const before = compiled.get(schema);
  if (before !== undefined) return before;
  const made = Compile(schema);
  compiled.set(schema, made);
  return made;
}

function shown(sentence: string): string {
  return sentence.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_WHY);
}
