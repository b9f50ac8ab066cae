import { Failure } from './failure.ts';
import { ACCEPTED_BOOLEANS, parseFlexibleBoolean } from './flexible-boolean.ts';
import { type ExtraSpec, type ExtraSpecValue, knownExtraSpecs } from './known-extra-specs.ts';
import { isSerialNearMiss } from './serial-near-miss.ts';
import { writableInXml } from './xml-text.ts';

/** The pattern of each placeholder in a name (nova/api/validation/extra_specs/*.py). */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  num: '\\d+',
  key: '.+',
  filter: '(?::\\w+)*',
  group: '(?:[a-zA-Z0-9_-]{1,64})?',
  resource: '[A-Z0-9_]+',
  trait: '[A-Z0-9_]+',
};

function nameExpression(name: string): RegExp {
  const parts = name.split(/(\{\w+\})/).map((part) => {
    const placeholder = /^\{(\w+)\}$/.exec(part)?.[1];
    return placeholder === undefined ? part.replaceAll('.', '\\.') : PLACEHOLDERS[placeholder];
  });
  return new RegExp(`^${parts.join('')}$`);
}

const byName = new Map(knownExtraSpecs.map((spec) => [spec.name, spec]));
const byExpression = knownExtraSpecs
  .filter(({ name }) => name.includes('{'))
  .map((spec) => ({ expression: nameExpression(spec.name), spec }));
const namespaces = [
  ...new Set(knownExtraSpecs.filter(({ name }) => name.includes(':')).map(namespaceOf)),
].map(nameExpression);

function namespaceOf({ name }: Pick<ExtraSpec, 'name'>): string {
  return name.slice(0, name.indexOf(':'));
}

/** The known extra spec that a key of a flavor is an instance of. */
export function knownExtraSpec(key: string): ExtraSpec | undefined {
  return byName.get(key) ?? byExpression.find(({ expression }) => expression.test(key))?.spec;
}

const KEY = /^[a-zA-Z0-9\-_:. ]{1,255}$/;
const MAX_VALUE_LENGTH = 255;

/**
 * Checks an extra spec before it is stored with a flavor.
 *
 * With `strictNames` (microversion 2.86 and later), as in Nova, a known name must have an accepted value, an
 * unknown name in a known namespace is refused, and any other name is accepted. The error texts are Nova's
 * (nova/api/validation/extra_specs/validators.py validate, nova/api/validation/extra_specs/base.py
 * ExtraSpecValidator). Without it, Nova accepts every name and value. Nameplate still checks the extra specs
 * that decide a serial.
 *
 * @throws {Failure} `invalid`
 */
export function validateExtraSpec(spec: { key: string; value: string; strictNames: boolean }): void {
  const { key, value, strictNames } = spec;
  if (!KEY.test(key)) {
    const accepted = 'accepted are 1 to 255 letters, digits, hyphens, underscores, colons, dots and spaces';
    throw new Failure(
      'invalid',
      `Validation failed; ${JSON.stringify(key)} is not the name of an extra spec: ${accepted}.`,
    );
  }
  if ([...value].length > MAX_VALUE_LENGTH) {
    throw new Failure(
      'invalid',
      `Validation failed; the value of '${key}' is longer than ${MAX_VALUE_LENGTH} characters.`,
    );
  }
  writableInXml(`Extra spec '${key}'`, value);
  const known = knownExtraSpec(key);
  if (known !== undefined && (strictNames || known.alwaysChecked)) checkValue(value, key, known.value);
  if (known === undefined && strictNames && inKnownNamespace(key)) {
    throw new Failure(
      'invalid',
      `Validation failed; extra spec '${key}' does not appear to be a valid extra spec.`,
    );
  }
}

/**
 * Refuses a misspelling of `hw:unique_serial` on a flavor, at every microversion. `hw_unique_serial`, the
 * image property, is stored, as in Nova: aggregate metadata may be matched with it.
 * @throws {Failure} `invalid`, with the right name
 */
export function refuseSerialNearMiss(key: string): void {
  if (!isSerialNearMiss(key)) return;
  throw new Failure(
    'invalid',
    `Validation failed; extra spec '${key}' would have no effect: the extra spec is 'hw:unique_serial' ('hw_unique_serial' is the property of images).`,
  );
}

function inKnownNamespace(key: string): boolean {
  const colon = key.indexOf(':');
  return colon >= 0 && namespaces.some((namespace) => namespace.test(key.slice(0, colon)));
}

function checkValue(value: string, key: string, takes: ExtraSpecValue): void {
  const problem = problemOf(value, key, takes);
  if (problem !== undefined) throw new Failure('invalid', `Validation failed; ${problem}`);
}

function problemOf(value: string, key: string, takes: ExtraSpecValue): string | undefined {
  switch (takes.kind) {
    case 'boolean':
      if (parseFlexibleBoolean(value) !== undefined) return undefined;
      return `'${value}' is not a valid boolean-like value. '${key}' accepts ${ACCEPTED_BOOLEANS}.`;
    case 'integer':
      return integerProblem(value, takes);
    case 'words':
      return takes.words.includes(value) ? undefined : `'${value}' is not one of: ${takes.words.join(', ')}.`;
    case 'format':
      return takes.matches.test(value) ? undefined : `'${value}' is not of the format '${takes.shown}'.`;
    case 'text':
      return undefined;
  }
}

/** Parses integers as Python's `int()` does. The message shows the parsed number, as in Nova. */
function integerProblem(
  value: string,
  limits: { readonly min?: number; readonly max?: number },
): string | undefined {
  const text = value.trim();
  if (!/^[+-]?\d+(_\d+)*$/.test(text)) return `'${value}' is not a valid integer value.`;
  const number = BigInt(text.replaceAll(/[_+]/g, ''));
  if (limits.max !== undefined && number > limits.max) {
    return `'${number}' is greater than the max value of '${limits.max}'.`;
  }
  if (limits.min !== undefined && number < limits.min) {
    return `'${number}' is less than the min value of '${limits.min}'.`;
  }
  return undefined;
}
