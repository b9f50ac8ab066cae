import { isIPv4, isIPv6 } from 'node:net';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { idInReference } from './id-in-reference.ts';
import { type DescribeError, describeSchemaError } from './schema-error-text.ts';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const ISO_8601 =
  /^\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:[zZ]|[+-]\d\d(?::?\d\d)?)?)?)?$/;

/** The formats that schemas may name (nova/api/validation/validators.py _FORMAT_CHECKER). */
const FORMATS = {
  uuid: UUID,
  'uuid or link': (text: string) => UUID.test(idInReference(text)),
  base64: isBase64,
  ipv4: isIPv4,
  ipv6: isIPv6WithoutZone,
  'date-time': (text: string) => ISO_8601.test(text) && !Number.isNaN(Date.parse(text)),
} as const;

/**
 * Refuses a zone (`fe80::1%eth0`), which Node accepts at any length. It has a meaning on one machine only,
 * and Nova refuses it.
 */
function isIPv6WithoutZone(text: string): boolean {
  return !text.includes('%') && isIPv6(text);
}

/**
 * Base64 may have spaces anywhere. They are removed first, because an expression that allows them takes
 * quadratic time.
 */
function isBase64(text: string): boolean {
  const dense = text.replace(/\s/g, '');
  return dense.length % 4 === 0 && BASE64.test(dense);
}

const strict = ajv(false);
const dropping = ajv(true);

/**
 * No coercion and no defaults: the validators check what the client sent. Only the first error is reported.
 */
function ajv(removeAdditional: boolean): Ajv {
  return new Ajv({
    strict: false,
    strictNumbers: true, // 1e999 is not a number
    verbose: true,
    logger: false,
    removeAdditional,
    formats: FORMATS,
    unicodeRegExp: false,
    // Validating Nameplate's own schemas against the meta-schema would cost time and memory at every start.
    meta: false,
    validateSchema: false,
  });
}

/**
 * Checks a value. Query parameters are first converted to the schema's form: a list, or the last of several
 * values.
 */
export type Check = (value: unknown, how?: { readonly dropUnknown: boolean }) => unknown;

/**
 * A validator of bodies. It is compiled at its first use, to keep starts fast.
 * @returns the body; with `dropUnknown`, without the keys that the schema does not know
 * @throws {Failure} when it runs: `invalid`, with Nova's text
 */
export function bodyCheck(schema: TSchema, describe: DescribeError = describeSchemaError): Check {
  const known = lazily(() => strict.compile(schema));
  const lenient = lazily(() => dropping.compile(schema));
  return (value, how) => {
    if (value === undefined) throw new Failure('invalid', 'Malformed request body');
    const validate = how?.dropUnknown === true ? lenient() : known();
    if (!validate(value)) throw refused(validate.errors, (error) => describe(error, 'body'));
    return value;
  };
}

/** A validator of query parameters. @throws {Failure} when it runs: `invalid`, with Nova's text */
export function queryCheck(schema: TSchema, describe: DescribeError = describeSchemaError): Check {
  const validate = lazily(() => strict.compile(schema));
  const lists = listsOf(schema);
  return (value) => {
    const words = shaped(value as Readonly<Record<string, string | string[]>>, lists);
    if (!validate()(words)) throw refused(validate().errors, (error) => describe(error, 'query'));
    return words;
  };
}

/** The query parameters that are lists in the schema. */
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

function refused(
  errors: ErrorObject[] | null | undefined,
  describe: (error: ErrorObject) => string,
): Failure {
  // The last error of an anyOf is the anyOf itself, which Python's jsonschema reports.
  const error = errors?.at(-1);
  return new Failure('invalid', error === undefined ? 'Malformed request body' : describe(error));
}

function lazily(compile: () => ValidateFunction): () => ValidateFunction {
  let made: ValidateFunction | undefined;
  return () => {
    made ??= compile();
    return made;
  };
}
