import type { ErrorObject } from 'ajv';
import { pythonRepr, pythonText } from './python-text.ts';

/** Puts a refused input into a service's words. */
export type DescribeError = (error: ErrorObject, part: 'body' | 'query') => string;

/**
 * The error text for a refused input, with Nova's text (nova/api/validation/validators.py
 * _SchemaValidator.validate) and the sentences of Python's jsonschema. A schema may set its own sentence as
 * `refusal`.
 */
export function describeSchemaError(error: ErrorObject, part: 'body' | 'query'): string {
  const { refusal } = error.parentSchema as { refusal?: unknown };
  if (typeof refusal === 'string') return refusal;
  const message = sentence(error);
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const name = part === 'body' ? path.at(-1) : path[0];
  if (name === undefined) return message;
  const where = part === 'body' ? 'field/attribute' : 'query parameters';
  return `Invalid input for ${where} ${pythonText(name)}. Value: ${pythonText(error.data)}. ${message}`;
}

/** What is wrong with a value, as Python's jsonschema says it. */
export function sentence(error: ErrorObject): string {
  const value = pythonRepr(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `'${params.missingProperty}' is a required property`;
    case 'additionalProperties':
      return unexpected(error, String(params.additionalProperty));
    case 'type':
      return `${value} is not of type ${[params.type]
        .flat()
        .map((word) => pythonRepr(word))
        .join(', ')}`;
    case 'enum':
      return `${value} is not one of ${pythonRepr(params.allowedValues)}`;
    case 'const':
      return `${pythonRepr(params.allowedValue)} was expected`;
    case 'pattern':
      return `${value} does not match ${pythonRepr(params.pattern)}`;
    case 'format':
      return `${value} is not a ${pythonRepr(params.format)}`;
    case 'minimum':
      return `${value} is less than the minimum of ${params.limit}`;
    case 'maximum':
      return `${value} is greater than the maximum of ${params.limit}`;
    case 'minLength':
    case 'minItems':
      return `${value} is too short`;
    case 'maxLength':
    case 'maxItems':
      return `${value} is too long`;
    case 'minProperties':
      return `${value} does not have enough properties`;
    case 'maxProperties':
      return `${value} has too many properties`;
    case 'uniqueItems':
      return `${value} has non-unique elements`;
    case 'anyOf':
    case 'oneOf':
      return `${value} is not valid under any of the given schemas`;
    default:
      return `${value} ${error.message ?? 'is not valid'}`;
  }
}

function unexpected(error: ErrorObject, name: string): string {
  const schema = error.parentSchema as { patternProperties?: object } | undefined;
  const patterns = Object.keys(schema?.patternProperties ?? {});
  const shown = pythonRepr(name);
  if (patterns.length === 0) return `Additional properties are not allowed (${shown} was unexpected)`;
  return `${shown} does not match any of the regexes: ${patterns.map((word) => pythonRepr(word)).join(', ')}`;
}

function unescapePointer(word: string): string {
  return word.replaceAll('~1', '/').replaceAll('~0', '~');
}
