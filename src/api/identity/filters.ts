import { Type } from '../../model/schema.ts';

/** An arbitrary query: unknown filters are ignored, as in Keystone. */
export const AnyQuery = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
export type QueryValues = Readonly<Record<string, string | string[]>>;

/** The last value of a key, as in Keystone. */
export function value(query: QueryValues, key: string): string | undefined {
  const given = query[key];
  return Array.isArray(given) ? given.at(-1) : given;
}

/** A flag in a query: `effective`, `effective=True`. `0` and `false` mean false. */
export function flag(query: QueryValues, key: string): boolean {
  const text = value(query, key)?.toLowerCase();
  return text !== undefined && text !== '0' && text !== 'false';
}

/** `enabled=` in a query: every value but false means true (keystone/server/flask/common.py). */
export function enabledFilter(query: QueryValues): { enabled?: boolean } {
  return query.enabled === undefined ? {} : { enabled: flag(query, 'enabled') };
}

/** `{ [key]: value }` for the keys that the query has. */
export function given<const Key extends string>(
  query: QueryValues,
  keys: Readonly<Record<Key, string>>,
): { [K in Key]?: string } {
  const filter: { [K in Key]?: string } = {};
  for (const key of Object.keys(keys) as Key[]) {
    const text = value(query, keys[key]);
    if (text !== undefined) filter[key] = text;
  }
  return filter;
}

const COMPARISONS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

/** Keystone's inexact filters on the name, such as `name__contains` and `name__istartswith`. */
export function nameMatches(query: QueryValues, name: string): boolean {
  for (const key of Object.keys(query)) {
    const match = /^name__(i?)(contains|startswith|endswith)$/.exec(key);
    const compare = COMPARISONS[match?.[2] ?? ''];
    const part = value(query, key);
    if (compare === undefined || part === undefined) continue;
    const hit = match?.[1] === 'i' ? compare(name.toLowerCase(), part.toLowerCase()) : compare(name, part);
    if (!hit) return false;
  }
  return true;
}
