import { Failure } from '../../model/failure.ts';

/** Known keys of a user. All others are stored unchanged (keystone: `extra`). */
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
/** Maximum number of characters, as JSON. */
const MAX_EXTRA = 65_535;

/**
 * The unknown keys of a user, which Keystone stores.
 * @throws {Failure} `invalid` when they are too large or nested too deeply
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

/** The length as JSON; infinite when the nesting is too deep for the serializer. */
function lengthAsJson(value: object): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
