/** An attribute of a resource, as the API shows it. */
type Value = unknown;

/**
 * Whether a resource has, for each filter, one of its values. A list has a value that is one of its items;
 * `fixed_ips` has `key=value` of one item.
 */
export function matches(
  view: Readonly<Record<string, Value>>,
  filters: ReadonlyMap<string, readonly string[]>,
): boolean {
  for (const [name, wanted] of filters) if (!has(name, view[name], wanted)) return false;
  return true;
}

function has(name: string, value: Value, wanted: readonly string[]): boolean {
  if (name === 'fixed_ips') return hasFixedIp(value as readonly Readonly<Record<string, string>>[], wanted);
  if (Array.isArray(value)) return value.some((item) => wanted.includes(String(item)));
  if (typeof value === 'boolean') return wanted.some((text) => flagOf(text) === value);
  return wanted.some((text) => text === String(value ?? ''));
}

/** neutron_lib/api/converters.py convert_to_boolean */
function flagOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

/** `subnet_id=…` and `ip_address=…`: of each key that is named, one of its values. */
function hasFixedIp(
  fixedIps: readonly Readonly<Record<string, string>>[],
  wanted: readonly string[],
): boolean {
  const byKey = Map.groupBy(wanted, (text) => text.slice(0, Math.max(text.indexOf('='), 0)));
  return fixedIps.some((ip) =>
    [...byKey].every(([key, texts]) => texts.some((text) => text.slice(key.length + 1) === ip[key])),
  );
}
