import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';

/** Words that several Compute schemas share (nova/api/validation/parameter_types.py
 * boolean, positive_integer, name, description). */

/** The largest integer in Nova's database. */
export const MAX_INT = 0x7fffffff;

const TRUE_WORDS = [true, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes'] as const;
const FALSE_WORDS = [false, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'] as const;

/** A boolean in request bodies and queries. */
export const BooleanSchema = Type.Unsafe<boolean | string>({
  type: ['boolean', 'string'],
  enum: [...TRUE_WORDS, ...FALSE_WORDS],
});

/** The value of a {@link BooleanSchema}. */
export function parseBoolean(word: boolean | string): boolean {
  return (TRUE_WORDS as readonly (boolean | string)[]).includes(word);
}

/** A whole number, as JSON or as digits. {@link parseInteger} checks its bounds for strings too. */
export function IntegerSchema(bounds: { readonly minimum: number }) {
  return Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    pattern: bounds.minimum < 0 ? '^-?[0-9]+$' : '^[0-9]+$',
    minLength: 1,
    minimum: bounds.minimum,
    maximum: MAX_INT,
  });
}

/**
 * The value of an {@link IntegerSchema}.
 * @throws {Failure} `invalid` when a number in a string is out of bounds, which the schema cannot check
 */
export function parseInteger(field: string, word: number | string, minimum: number): number {
  const value = Number(word);
  if (value >= minimum && value <= MAX_INT) return value;
  const why =
    value < minimum
      ? `${word} is less than the minimum of ${minimum}`
      : `${word} is greater than the maximum of ${MAX_INT}`;
  throw new Failure('invalid', `Invalid input for field/attribute ${field}. Value: ${word}. ${why}`);
}

/** Control characters, line separators and surrogates. Of white space only the space is printable. */
const UNPRINTABLE = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff';

/** A name: 1 to 255 printable characters that neither begin nor end with a space. */
export const NameSchema = Type.String({
  minLength: 1,
  maxLength: 255,
  allOf: [
    {
      pattern: `^(?!\\s)[^${UNPRINTABLE}]*(?<!\\s)$`,
      refusal:
        "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
    },
  ],
});

/** A name that may have spaces around it, which are trimmed. */
export const SpacedNameSchema = Type.String({
  minLength: 1,
  maxLength: 255,
  allOf: [
    {
      pattern: `^[^${UNPRINTABLE}]*[^\\s${UNPRINTABLE}][^${UNPRINTABLE}]*$`,
      refusal:
        "An invalid 'name' value was provided. The name must be: printable characters with at least one non space character",
    },
  ],
});

/**
 * The name of an availability zone. It has no colon, which separates zone and host in the creation of a
 * server.
 */
export const ZoneNameSchema = Type.String({
  minLength: 1,
  maxLength: 255,
  allOf: [
    {
      pattern: `^(?!\\s)[^:${UNPRINTABLE}]*(?<!\\s)$`,
      refusal:
        "An invalid 'availability_zone' value was provided. The name must be: printable characters except :. Can not start or end with whitespace.",
    },
  ],
});

/** Printable text, or null. */
export function DescriptionSchema(longest: number) {
  return Type.Unsafe<string | null>({
    type: ['string', 'null'],
    maxLength: longest,
    pattern: `^[^${UNPRINTABLE}]*$`,
  });
}

/** The name of a host or domain. */
export const FqdnSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' });

/** `limit` of a list, as text. */
export const LimitSchema = Type.String({ pattern: '^[0-9]*$' });
