import { Failure } from '../../model/failure.ts';

/** Keys of a user that have a meaning; all others are kept as they came (keystone: `extra`). */
const KNOWN = new Set([
  'id',
  'name',
  'domain_id',
  'enabled',
  'password',
  'original_password',
  'default_project_id',
  'description',
  'email',
  'options',
  'links',
  'password_expires_at',
]);
/** Characters, as JSON. */
const MAX_EXTRA = 65_535;

/**
 * The keys that Keystone would keep without knowing them.
 * @throws {Failure} `invalid` when they are too large or too deeply nested to be kept
 */
export function extraOf(asked: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const extra = Object.fromEntries(Object.entries(asked).filter(([key]) => !KNOWN.has(key)));
  if (lengthAsJson(extra) > MAX_EXTRA)
    throw new Failure(
      'invalid',
      `The additional keys of a user take at most ${MAX_EXTRA} characters of JSON.`,
    );
  return extra;
}

/** Nesting that is too deep for the serializer is as long as can be. */
function lengthAsJson(value: object): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
