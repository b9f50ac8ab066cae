import type { Static, TObject } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { pythonRepr } from '../http/python-text.ts';

/** How an attribute's value is read from the forms that clients send. */
interface Converted {
  readonly '~convert'?: (value: unknown) => unknown;
  readonly '~accepts'?: string;
}

const WORDS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...[true, 1, '1', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...[false, 0, '0', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** A flag, as a boolean or one of its words (neutron_lib/api/converters.py convert_to_boolean). */
export const Flag = Type.Unsafe<boolean>({
  enum: [...WORDS.keys()],
  '~accepts': 'true or false',
  '~convert': (value: unknown) => WORDS.get(value),
});

/** A whole number, or its digits as some clients send them (neutron_lib/api/converters.py convert_to_int). */
export function Whole(range: {
  readonly minimum: number;
  readonly maximum: number;
  readonly accepts: string;
}) {
  const { minimum, maximum } = range;
  const convert = (value: unknown) => {
    const number = Number(value);
    return number >= minimum && number <= maximum ? number : undefined;
  };
  return Type.Unsafe<number>({
    anyOf: [
      { type: 'integer', minimum, maximum },
      { type: 'string', pattern: '^-?\\d{1,10}$' },
    ],
    '~accepts': range.accepts,
    '~convert': convert,
  });
}

/**
 * The attributes of a valid request, each in the one form that the code reads.
 * @throws {Failure} `invalid` for a number, sent as text, that is out of range
 */
export function converted<Fields extends TObject>(schema: Fields, asked: Static<Fields>): Static<Fields> {
  const fields = Object.entries(asked as Readonly<Record<string, unknown>>).map(([name, value]) => {
    const { '~convert': convert, '~accepts': accepts } = (schema.properties[name] ?? {}) as Converted;
    if (convert === undefined) return [name, value];
    const read = convert(value);
    if (read === undefined)
      throw new Failure(
        'invalid',
        `Invalid input for ${name}. Reason: ${pythonRepr(value)} is not ${accepts}.`,
      );
    return [name, read];
  });
  return Object.fromEntries(fields) as Static<Fields>;
}
