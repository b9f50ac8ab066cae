import { Failure } from '../../../model/failure.ts';

/** The longest host name that DNS takes. */
const MAX_HOSTNAME_LENGTH = 63;

/**
 * A server's name as a host name (nova/utils.py sanitize_hostname): spaces, dots and underscores become
 * hyphens, what else a host name may not have is left out.
 * @param otherwise the host name when nothing is left
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

/** Characters of a server's name. */
const MAX_NAME_LENGTH = 255;

/**
 * Names of servers made by one request: `s`, or `s-1`, `s-2`, … when there are several (nova [DEFAULT]
 * multi_instance_display_name_template).
 * @throws {Failure} `invalid` when the longest of them is none that a server may have
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
