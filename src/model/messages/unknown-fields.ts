import type { TSchema } from 'typebox';

/** The keywords of JSON Schema that describe nested values. */
interface Shape {
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  /**
   * The schema of fields that `properties` does not name. False: there must be none. Undefined: the parser
   * drops them.
   */
  readonly additionalProperties?: Shape | false;
}

/**
 * Whether a value that its schema accepts may have a field that the schema does not name. It may return true
 * without such a field, because it compares the value with every alternative of a union. Pure.
 */
export function mayHaveUnknown(schema: TSchema, value: unknown): boolean {
  return hasUnknown(schema as Shape, value);
}

function hasUnknown(shape: Shape, value: unknown): boolean {
  if (value === null || typeof value !== 'object' || !holdsMany(shape)) return false;
  const { anyOf, items } = shape;
  if (anyOf !== undefined) return anyOf.some((one) => hasUnknown(one, value));
  if (Array.isArray(value)) return items !== undefined && value.some((item) => hasUnknown(items, item));
  if (items !== undefined) return false; // an alternative for lists: another one accepted the object
  return Object.entries(value).some(([field, held]) => {
    const known = shapeOf(shape, field);
    return known === undefined || hasUnknown(known, held);
  });
}

/**
 * A copy of a value that its schema accepts, without the fields that the schema does not name.
 * @param isOne whether a value is one alternative of a union
 */
export function withoutUnknown(
  schema: TSchema,
  value: unknown,
  isOne: (schema: TSchema, value: unknown) => boolean,
): unknown {
  const copy = (shape: Shape, held: unknown): unknown => {
    if (held === null || typeof held !== 'object') return held;
    const { anyOf, items } = shape;
    if (anyOf !== undefined) {
      const alternative = anyOf.find((one) => isOne(one as TSchema, held));
      return alternative === undefined ? held : copy(alternative, held);
    }
    if (Array.isArray(held)) return items === undefined ? held : held.map((item) => copy(items, item));
    return Object.fromEntries(
      Object.entries(held).flatMap(([field, inner]) => {
        const known = shapeOf(shape, field);
        return known === undefined ? [] : [[field, copy(known, inner)]];
      }),
    );
  };
  return copy(schema as Shape, value);
}

/**
 * The first field that a schema neither knows nor allows, as a JSON pointer: `/plan/image/hash`. In a union,
 * no alternative knows the field. Pure.
 */
export function forbiddenField(schema: TSchema, value: unknown): string | undefined {
  return forbidden(schema as Shape, value);
}

function forbidden(shape: Shape, value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { anyOf, items } = shape;
  if (anyOf !== undefined) {
    const found = anyOf.filter(holdsMany).map((one) => forbidden(one, value));
    return found.includes(undefined) ? undefined : found[0];
  }
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [field, held] of entries) {
    const known = Array.isArray(value) ? items : shapeOf(shape, String(field));
    const inner = known === undefined ? undefined : forbidden(known, held);
    if (inner !== undefined) return `/${field}${inner}`;
    if (known === undefined && shape.additionalProperties === false) return `/${field}`;
  }
  return undefined;
}

/** Whether the schema describes nested values. */
function holdsMany({ anyOf, items, properties, additionalProperties }: Shape): boolean {
  return [anyOf, items, properties, additionalProperties].some((keyword) => keyword !== undefined);
}

function shapeOf({ properties = {}, additionalProperties }: Shape, field: string): Shape | undefined {
  if (Object.hasOwn(properties, field)) return properties[field];
  return additionalProperties === false ? undefined : additionalProperties;
}
