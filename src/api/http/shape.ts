import type { TSchema } from 'typebox';
import { MAX_MICROVERSION, MIN_MICROVERSION, type Microversion } from './microversion.ts';

/** What stands in an answer, at each microversion. */
export type Shape = (version: Microversion) => TSchema;

/** A key of an object, and at which microversions it is there. */
export interface Field {
  readonly what: TSchema | Shape;
  readonly first: Microversion;
  readonly last: Microversion;
  /** It may be left out, for example to all but administrators. */
  readonly optional: boolean;
}

type Fields = Readonly<Record<string, TSchema | Shape | Field>>;

/** A key that is there from a microversion on. */
export function since(first: Microversion, what: Fields[string]): Field {
  return { ...fieldOf(what), first };
}

/** A key that is there up to a microversion. */
export function until(last: Microversion, what: Fields[string]): Field {
  return { ...fieldOf(what), last };
}

/** A key that may be left out. */
export function optional(what: Fields[string]): Field {
  return { ...fieldOf(what), optional: true };
}

/**
 * An object that has these keys and no others.
 * @param title names it in the components of an OpenAPI document; one title is one shape
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

/** An object with any keys, each with such a value. */
export function mapOf(what: TSchema | Shape): Shape {
  return (version) => ({ type: 'object', additionalProperties: schemaAt(what, version) }) as TSchema;
}

/** A list. */
export function listOf(what: TSchema | Shape): Shape {
  return (version) => ({ type: 'array', items: schemaAt(what, version) }) as TSchema;
}

/** One of several shapes, or null among them. */
export function anyOf(...shapes: readonly (TSchema | Shape)[]): Shape {
  return (version) => ({ anyOf: shapes.map((shape) => schemaAt(shape, version)) }) as TSchema;
}

/** A shape up to a microversion, and another one after it. */
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
/** Any JSON: where the answer has what a client stored. */
export const anything = {} as TSchema;
export const texts = listOf(text);
/** A time with its zone, or as Nova writes some: without one. */
export const time = plain('string', { examples: ['2026-01-01T00:00:00Z'] });
export const timeOrNull = plain(['string', 'null']);

/** One of these words. */
export function word(...words: readonly (string | number | null)[]): TSchema {
  return { enum: words } as unknown as TSchema;
}

/** Links with what they lead to; each of a list's links leads to another page. */
export const link = object({ rel: text, href: text, type: optional(text) }, 'Link');
export const links = listOf(link);
