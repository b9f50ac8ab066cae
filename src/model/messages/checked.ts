import { Ajv, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { forbiddenField, mayHaveUnknown, withoutUnknown } from './unknown-fields.ts';

/**
 * What checking a value came to: the value without fields that the schema does not know, or what is wrong
 * with it.
 */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      /**
       * `/report/capacity must have required property 'vcpus'`: at most 300 characters, none of them the
       * sender's own text but field names.
       */
      readonly why: string;
      /** A field that the schema does not know and does not allow. */
      readonly unknown: string | undefined;
    };

const MAX_REASON_LENGTH = 300;

/**
 * Lengths are of UTF-16 code units, whose size has a bound; that of graphemes has none. The schemas are our
 * own: none is checked itself.
 */
const ajv = new Ajv({
  ...{ strict: false, strictNumbers: true, unicodeRegExp: false, unicode: false },
  ...{ meta: false, validateSchema: false, logger: false },
});
const compiled = new WeakMap<TSchema, ValidateFunction>();

/** Whether a value is what a schema says. Pure. */
export function matches(schema: TSchema, value: unknown): boolean {
  return validatorOf(schema)(value);
}

/** Checks a value against a schema, which is compiled when it is first used. Pure. */
export function checked(schema: TSchema, value: unknown): Checked {
  const validate = validatorOf(schema);
  if (validate(value)) return { ok: true, value: known(schema, value) };
  const [first] = validate.errors ?? [];
  const unknown = forbiddenField(schema, value);
  return {
    ok: false,
    why: shown(`${first?.instancePath || 'it'} ${first?.message ?? 'is malformed'}`),
    unknown: unknown === undefined ? undefined : shown(unknown),
  };
}

/**
 * The value without unknown fields. Hardly any message has some, and a copy costs many times what the check
 * does.
 */
function known(schema: TSchema, value: unknown): unknown {
  return mayHaveUnknown(schema, value) ? withoutUnknown(schema, value, matches) : value;
}

function validatorOf(schema: TSchema): ValidateFunction {
  const before = compiled.get(schema);
  if (before !== undefined) return before;
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
}

function shown(sentence: string): string {
  return sentence.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON_LENGTH);
}
