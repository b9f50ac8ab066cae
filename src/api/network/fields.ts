import type { Static, TObject, TProperties, TSchema } from 'typebox';
import { Type } from '../../model/schema.ts';
import type { Words } from './bad-input.ts';

/** Resources of one bulk create. */
const MAX_BULK = 100;
/** Tags of one resource (neutron/extensions/tagging.py MAX_TAGS_COUNT), and characters of one. */
export const MAX_TAGS = 50;
const MAX_TAG = 255;

/** neutron_lib/db/constants.py NAME_FIELD_SIZE, DESCRIPTION_FIELD_SIZE */
export const Name = Type.String({ maxLength: 255 });
export const Description = Type.String({ maxLength: 255 });
export const Uuid = Type.String({ format: 'uuid', '~accepts': 'a UUID' });
export const Address = Type.String({ maxLength: 45 });
export const Cidr = Type.String({ maxLength: 64 });
export const Tag = Type.String({ minLength: 1, maxLength: MAX_TAG });
export const Tags = Type.Array(Tag, { maxItems: MAX_TAGS, uniqueItems: true });
/** `project_id`, and its older name. */
export const Owner = Type.String({ minLength: 1, maxLength: 255 });

/** A list that nothing can be put into: what it would hold is not built. */
export const NoItems = Type.Array(Type.Unknown(), { maxItems: 0 });

export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** Exactly one value is accepted: others are not built, and `accepts` says so. */
export function only<const Value extends boolean | string>(value: Value, accepts: string) {
  return Type.Unsafe<Value>({ enum: [value], '~accepts': accepts });
}

/** One of these words. */
export function oneOf<const Value extends string | number>(...values: readonly Value[]) {
  return Type.Unsafe<Value>({ enum: values });
}

/**
 * The attributes of a resource in a request.
 * @param refused attributes that the resource has but this request may not name
 */
export function attributes<P extends TProperties>(
  fields: P,
  refused: { readonly names: readonly string[]; readonly in: 'POST' | 'PUT' },
) {
  const words: Words = {
    '~refuses': Object.fromEntries(
      refused.names.map((name) => [
        name,
        refused.in === 'POST'
          ? `Attribute '${name}' not allowed in POST`
          : `Cannot update read-only attribute ${name}`,
      ]),
    ),
  };
  return Type.Object(fields, { additionalProperties: false, ...words });
}

/** `{"port": {…}}` or `{"ports": [{…}, …]}`: exactly one of them, which the route checks. */
export function createBody<Fields extends TObject>(name: string, collection: string, fields: Fields) {
  return Type.Unsafe<Readonly<Record<string, Static<Fields> | Static<Fields>[]>>>({
    type: 'object',
    properties: {
      [name]: fields,
      [collection]: { type: 'array', items: fields, minItems: 1, maxItems: MAX_BULK },
    },
    additionalProperties: false,
  });
}

/** `{"port": {…}}` */
export function updateBody<Fields extends TObject>(name: string, fields: Fields) {
  return Type.Unsafe<Readonly<Record<string, Static<Fields>>>>({
    type: 'object',
    properties: { [name]: fields },
    additionalProperties: false,
  });
}
