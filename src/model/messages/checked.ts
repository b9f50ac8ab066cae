import { Ajv, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { forbiddenField, mayHaveUnknown, withoutUnknown } from './unknown-fields.ts';

/**
 * The result of checking a value: the value without fields that the schema does not know, or the reason why
 * it is malformed.
 */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      /**
       * Such as `/report/capacity must have required property 'vcpus'`: at most 300 characters. Of the
       * sender's text it has only field names.
       */
      readonly why: string;
      /** A field that the schema does not know and does not allow. */
      readonly unknown: string | undefined;
    };

const MAX_REASON_LENGTH = 300;

/**
 * Lengths count UTF-16 code units, which have a fixed size; graphemes do not. The schemas themselves are not
 * validated, because all of them are Nameplate's own.
 */
const ajv = new Ajv({
  ...{ strict: false, strictNumbers: true, unicodeRegExp: false, unicode: false },
  ...{ meta: false, validateSchema: false, logger: false, code: { optimize: false } },
});
const compiled = new WeakMap<TSchema, ValidateFunction>();

/** Whether a value conforms to a schema. Pure. */
export function matches(schema: TSchema, value: unknown): boolean {
  return validatorOf(schema)(value);
}

/** Checks a value against a schema, which is compiled at its first use. Pure. */
export function checked(schema: TSchema, value: unknown): Checked {
  const validate = validatorOf(schema);
  if (validate(value)) return { ok: true, value: withoutUnknownFields(schema, value) };
  const [first] = validate.errors ?? [];
  const unknown = forbiddenField(schema, value);
  return {
    ok: false,
    why: printable(`${first?.instancePath || 'it'} ${first?.message ?? 'is malformed'}`),
    unknown: unknown === undefined ? undefined : printable(unknown),
  };
}

/**
 * The value without unknown fields. It is copied only if necessary: most messages have none, and a copy costs
 * many times as much as the check.
 */
function withoutUnknownFields(schema: TSchema, value: unknown): unknown {
  return mayHaveUnknown(schema, value) ? withoutUnknown(schema, value, matches) : value;
}

function validatorOf(schema: TSchema): ValidateFunction {
  const cached = compiled.get(schema);
  if (cached !== undefined) return cached;
  const validator = ajv.compile(schema);
  compiled.set(schema, validator);
  return validator;
}

function printable(sentence: string): string {
  return sentence.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON_LENGTH);
}
