import type { TSchema } from 'typebox';
import { MAX_MICROVERSION, MIN_MICROVERSION, type Microversion } from './microversion.ts';

/** The schema of an answer at each microversion. */
export type Shape = (version: Microversion) => TSchema;

/** A key of an object, with the microversions that have it. */
export interface Field {
  readonly what: TSchema | Shape;
  readonly first: Microversion;
  readonly last: Microversion;
  /** The key may be absent, for example for callers who are not administrators. */
  readonly optional: boolean;
}

type Fields = Readonly<Record<string, TSchema | Shape | Field>>;

/** A key that exists from a microversion on. */
export function since(first: Microversion, what: Fields[string]): Field {
  return { ...fieldOf(what), first };
}

/** A key that exists up to a microversion. */
export function until(last: Microversion, what: Fields[string]): Field {
  return { ...fieldOf(what), last };
}

/** A key that may be absent. */
export function optional(what: Fields[string]): Field {
  return { ...fieldOf(what), optional: true };
}

/**
 * An object with these keys and no others.
 * @param title the name in the components of an OpenAPI document; each title belongs to one shape
 */
export function object(fields: Fields, title?: string): Shape {
  const all = Object.entries(fields).map(([name, what]) => ({ name, ...fieldOf(what) }));
  return (version) => {
    const present = all.filter(({ first, last }) => first <= version && version <= last);
    const required = present.filter((field) => !field.optional).map(({ name }) => name);
    return {
      ...(title !== undefined && { title }),
      type: 'object',
      properties: Object.fromEntries(present.map(({ name, what }) => [name, schemaAt(what, version)])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    } as TSchema;
  };
}

/** An object with arbitrary keys and values of one shape. */
export function mapOf(what: TSchema | Shape): Shape {
  return (version) => ({ type: 'object', additionalProperties: schemaAt(what, version) }) as TSchema;
}

/** A list. */
export function listOf(what: TSchema | Shape): Shape {
  return (version) => ({ type: 'array', items: schemaAt(what, version) }) as TSchema;
}

/** One of several shapes, which may include null. */
export function anyOf(...shapes: readonly (TSchema | Shape)[]): Shape {
  return (version) => ({ anyOf: shapes.map((shape) => schemaAt(shape, version)) }) as TSchema;
}

/** One shape up to a microversion, and another one after it. */
export function changed(last: Microversion, before: TSchema | Shape, after: TSchema | Shape): Shape {
  return (version) => schemaAt(version <= last ? before : after, version);
}

/** The schema of a shape at a microversion. */
export function schemaAt(what: TSchema | Shape, version: Microversion): TSchema {
  return typeof what === 'function' ? what(version) : what;
}

function fieldOf(what: Fields[string]): Field {
  if (typeof what !== 'function' && 'what' in what) return what as Field;
  return { what, first: MIN_MICROVERSION, last: MAX_MICROVERSION, optional: false };
}

const plain = (type: string | readonly string[], more: object = {}) =>
  ({ type, ...more }) as unknown as TSchema;

export const text = plain('string');
export const textOrNull = plain(['string', 'null']);
export const integer = plain('integer');
export const integerOrNull = plain(['integer', 'null']);
export const number = plain('number');
export const flag = plain('boolean');
export const nothing = plain('null');
/** Any JSON, for values that clients have stored. */
export const anything = {} as TSchema;
export const texts = listOf(text);
/** A time with its zone, or without one, as in some of Nova's answers. */
export const time = plain('string', { examples: ['2026-01-01T00:00:00Z'] });
export const timeOrNull = plain(['string', 'null']);

/** One of these values. */
export function word(...words: readonly (string | number | null)[]): TSchema {
  return { enum: words } as unknown as TSchema;
}

/** Links to resources. The links of a list lead to other pages. */
export const link = object({ rel: text, href: text, type: optional(text) }, 'Link');
export const links = listOf(link);
