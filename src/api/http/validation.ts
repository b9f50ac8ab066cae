import { isIPv4, isIPv6 } from 'node:net';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { idInReference } from './id-in-reference.ts';
import { describeSchemaError } from './schema-error-text.ts';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const ISO_8601 =
  /^\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:[zZ]|[+-]\d\d(?::?\d\d)?)?)?)?$/;

/** Formats that schemas may name (nova/api/validation/validators.py _FORMAT_CHECKER). */
const FORMATS = {
  uuid: UUID,
  'uuid or link': (text: string) => UUID.test(idInReference(text)),
  base64: isBase64,
  ipv4: isIPv4,
  ipv6: isIPv6WithoutZone,
  'date-time': (text: string) => ISO_8601.test(text) && !Number.isNaN(Date.parse(text)),
} as const;

/**
 * Node takes a zone of any length (`fe80::1%eth0`). It means something on one machine only, and Nova takes
 * none.
 */
function isIPv6WithoutZone(text: string): boolean {
  return !text.includes('%') && isIPv6(text);
}

/**
 * Spaces may stand anywhere in it. They go first: an expression that lets them stand is of quadratic cost.
 */
function isBase64(text: string): boolean {
  const dense = text.replace(/\s/g, '');
  return dense.length % 4 === 0 && BASE64.test(dense);
}

const strict = ajv(false);
const dropping = ajv(true);

/** No coercion, no defaults: what a client sent is what is checked. The first error is the answer. */
function ajv(removeAdditional: boolean): Ajv {
  return new Ajv({
    strict: false,
    strictNumbers: true, // 1e999 is no number
    verbose: true,
    logger: false,
    removeAdditional,
    formats: FORMATS,
    unicodeRegExp: false,
    // The schemas are our own: compiling the meta-schema to check them costs every start memory and time.
    meta: false,
    validateSchema: false,
  });
}

/** Checks a value. Query words are first brought into the schema's form: a list, or the last of several. */
export type Check = (value: unknown, how?: { readonly dropUnknown: boolean }) => unknown;

/**
 * A checker of bodies. It is compiled when it is first used, so that a start does not pay for routes that
 * nobody calls.
 * @returns the body; with `dropUnknown`, without the keys that the schema does not know
 * @throws {Failure} from the checker: `invalid`, in Nova's words
 */
export function bodyCheck(schema: TSchema): Check {
  const known = lazily(() => strict.compile(schema));
  const lenient = lazily(() => dropping.compile(schema));
  return (value, how) => {
    if (value === undefined) throw new Failure('invalid', 'Malformed request body');
    const validate = how?.dropUnknown === true ? lenient() : known();
    if (!validate(value)) throw refused(validate.errors, 'body');
    return value;
  };
}

/** A checker of query words. @throws {Failure} from the checker: `invalid`, in Nova's words */
export function queryCheck(schema: TSchema): Check {
  const validate = lazily(() => strict.compile(schema));
  const lists = listsOf(schema);
  return (value) => {
    const words = shaped(value as Readonly<Record<string, string | string[]>>, lists);
    if (!validate()(words)) throw refused(validate().errors, 'query');
    return words;
  };
}

/** Which query words the schema takes as lists. */
function listsOf(schema: TSchema): ReadonlyMap<string, boolean> {
  const properties = (schema as { properties?: Record<string, { type?: unknown }> }).properties ?? {};
  return new Map(Object.entries(properties).map(([name, { type }]) => [name, type === 'array']));
}

function shaped(
  words: Readonly<Record<string, string | string[]>>,
  lists: ReadonlyMap<string, boolean>,
): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(words)) {
    const value = words[name];
    const isList = lists.get(name);
    if (isList === true) out[name] = Array.isArray(value) ? value : [value];
    else out[name] = isList === false && Array.isArray(value) ? value.at(-1) : value;
  }
  return out;
}

function refused(errors: ErrorObject[] | null | undefined, part: 'body' | 'query'): Failure {
  // The last error of anyOf is the anyOf itself, as Python's jsonschema reports it.
  const error = errors?.at(-1);
  return new Failure(
    'invalid',
    error === undefined ? 'Malformed request body' : describeSchemaError(error, part),
  );
}

function lazily(compile: () => ValidateFunction): () => ValidateFunction {
  let made: ValidateFunction | undefined;
  return () => {
    made ??= compile();
    return made;
  };
}
