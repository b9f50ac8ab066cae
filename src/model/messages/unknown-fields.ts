import type { TSchema } from 'typebox';

/** The keywords of JSON Schema by which a value that a schema accepts can hold objects. */
interface Shape {
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
}

/**
 * Whether a value that its schema accepts may have a field that the schema does not name. Never false where one has: of the
 * alternatives of a union each is asked, also those that the value is not. Pure.
 */
export function mayHaveUnknown(schema: TSchema, value: unknown): boolean {
  return hasUnknown(schema as Shape, value);
}

function hasUnknown({ anyOf, items, properties, patternProperties }: Shape, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (anyOf !== undefined) return anyOf.some((shape) => hasUnknown(shape, value));
  if (Array.isArray(value)) return items !== undefined && value.some((item) => hasUnknown(items, item));
  if (properties !== undefined)
    return Object.entries(value).some(([field, held]) => {
      const shape = Object.hasOwn(properties, field) ? properties[field] : undefined;
      return shape === undefined || hasUnknown(shape, held);
    });
  const shapes = Object.values(patternProperties ?? {});
  return Object.values(value).some((held) => shapes.some((shape) => hasUnknown(shape, held)));
}
