/** The longest host name that DNS takes. */
const LONGEST = 63;

/**
 * A server's name as a host name (nova/utils.py sanitize_hostname): spaces, dots and underscores become hyphens, what else a host name may
 * not have is left out.
 * @param otherwise the host name when nothing is left
 */
export function hostnameOf(name: string, otherwise: string): string {
  const clean = name
    .replace(/[\s._]/g, '-')
    .replace(/[^A-Za-z0-9-]+/g, '')
    .toLowerCase()
    .replace(/^-+|-+$/g, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '');
  return clean === '' ? otherwise : clean;
}

/** Names of servers made by one request: `s`, or `s-1`, `s-2`, … when there are several (nova [DEFAULT] multi_instance_display_name_template). */
export function namesOfSeveral(name: string, count: number): string[] {
  if (count === 1) return [name];
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
