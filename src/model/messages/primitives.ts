import type { TObject, TSchema } from 'typebox';
import { Type } from '../schema.ts';

/**
 * A schema for each field of an interface. A new field of the interface does not compile until it has a
 * schema.
 */
export type FieldsOf<T> = { readonly [Field in keyof T]-?: TSchema };

const STRICT = { additionalProperties: false };

/** An object with these fields and no others. */
export function exactly<T>(fields: FieldsOf<T>): TObject {
  return Type.Object(fields as Record<string, TSchema>, STRICT);
}

/** An object with these fields. The parser drops further fields, because a newer peer may send more. */
export function atLeast<T>(fields: FieldsOf<T>): TObject {
  return Type.Object(fields as Record<string, TSchema>);
}

/** A string of at most `most` UTF-16 code units. */
export function text(most: number): TSchema {
  return Type.String({ maxLength: most });
}

/** One line of text without control characters, at least one character long. */
export function line(most: number): TSchema {
  return Type.String({ pattern: `^[^\\u0000-\\u001f\\u007f]{1,${most}}$` });
}

/** A list of at most `most` items. */
export function list(items: TSchema, most: number): TSchema {
  return Type.Array(items, { maxItems: most });
}

/** A JSON object with at most `most` keys, each at most `longestKey` UTF-16 code units long. */
export function dictionary(
  values: TSchema,
  { most, longestKey }: { readonly most: number; readonly longestKey: number },
): TSchema {
  return Type.Object(
    {},
    { additionalProperties: values, maxProperties: most, propertyNames: { maxLength: longestKey } },
  );
}

export function oneOf(words: readonly string[]): TSchema {
  return Type.Union(words.map((word) => Type.Literal(word)));
}

export function nullable(schema: TSchema): TSchema {
  return Type.Union([schema, Type.Null()]);
}

/** A whole number that JSON and both databases keep exactly. */
export function count(most: number = Number.MAX_SAFE_INTEGER): TSchema {
  return Type.Integer({ minimum: 0, maximum: most });
}

/** A dashed UUID in lower case. */
export const UUID = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

/** The name of a compute host. */
export const HOST_NAME = line(255);

/** The name of a disk set, or of a mark among a server's files. Drivers use it in file names. */
export const FILE_WORD = Type.String({ pattern: '^[0-9A-Za-z_][0-9A-Za-z._-]{0,299}$' });

/** An IP address or host name. It has no characters with a meaning in URIs, because drivers put it there. */
export const ADDRESS = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z.:_%-]{0,254}$|^\\[[0-9A-Fa-f.:%]{2,60}\\]$',
});

/** Epoch milliseconds that `Date` can hold. */
export const EPOCH_MS = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
