import type { TSchema, Type as TypeBox } from 'typebox';

/**
 * TypeBox's builders that this project uses, with TypeBox's types: `Static<typeof schema>` works on what they
 * make.
 */
type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Tuple'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>;

type Options = Readonly<Record<string, unknown>>;

/** Marks the schema of a field that may be absent. It is not part of the JSON Schema, nor of a copy. */
const OPTIONAL = Symbol('optional');

const simple =
  (schema: Options = {}) =>
  (options?: Options) => ({ ...schema, ...options });

function optional(schema: TSchema): TSchema {
  return Object.defineProperty({ ...schema }, OPTIONAL, { value: true });
}

function object(properties: Readonly<Record<string, TSchema>>, options?: Options) {
  const required = Object.keys(properties).filter((name) => !(OPTIONAL in properties[name]!));
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
}

function tuple(items: readonly TSchema[], options?: Options) {
  return { type: 'array', additionalItems: false, items, minItems: items.length, ...options };
}

/**
 * Builds JSON Schemas as TypeBox does. Its types come from TypeBox; its code does not, because loading all of
 * TypeBox's 373 modules takes a seventh of the service's start.
 */
export const Type = {
  Array: (items: TSchema, options?: Options) => ({ type: 'array', items, ...options }),
  Boolean: simple({ type: 'boolean' }),
  Enum: (values: readonly unknown[], options?: Options) => ({ enum: values, ...options }),
  Integer: simple({ type: 'integer' }),
  Literal: (value: unknown, options?: Options) => ({ type: typeof value, const: value, ...options }),
  Null: simple({ type: 'null' }),
  Number: simple({ type: 'number' }),
  Object: object,
  Optional: optional,
  /** Keys are strings. */
  Record: (_key: TSchema, value: TSchema, options?: Options) => ({
    ...{ type: 'object', patternProperties: { '^.*$': value } },
    ...options,
  }),
  String: simple({ type: 'string' }),
  Tuple: tuple,
  Union: (anyOf: readonly TSchema[], options?: Options) => ({ anyOf, ...options }),
  Unknown: simple(),
  Unsafe: (schema: TSchema) => schema,
} as unknown as Builders;
