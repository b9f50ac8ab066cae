import { Failure } from '../../../model/failure.ts';

/** The maximum length of a host name in DNS. */
const MAX_HOSTNAME_LENGTH = 63;

/**
 * Converts a server's name to a host name (nova/utils.py sanitize_hostname): spaces, dots and underscores
 * become hyphens, and other unsupported characters are removed.
 * @param otherwise the host name if nothing remains
 */
export function hostnameOf(name: string, otherwise: string): string {
  const clean = name
    .replace(/[\s._]/g, '-')
    .replace(/[^A-Za-z0-9-]+/g, '')
    .toLowerCase()
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_HOSTNAME_LENGTH)
    .replace(/-+$/, '');
  return clean === '' ? otherwise : clean;
}

/** Maximum number of characters in a server's name. */
const MAX_NAME_LENGTH = 255;

/**
 * The names of servers from one request: `s`, or `s-1`, `s-2`, … for several (nova [DEFAULT]
 * multi_instance_display_name_template).
 * @throws {Failure} `invalid` when the longest name is too long
 */
export function namesOfSeveral(name: string, count: number): string[] {
  if (count === 1) return [name];
  const numbered = (index: number) => `${name}-${index}`;
  const longest = [...numbered(count)].length;
  if (longest > MAX_NAME_LENGTH)
    throw new Failure(
      'invalid',
      `Invalid input for field/attribute name. Its ${count} servers are named by it and a number, at most ${MAX_NAME_LENGTH} characters together; the last would have ${longest}.`,
    );
  return Array.from({ length: count }, (_, index) => numbered(index + 1));
}
