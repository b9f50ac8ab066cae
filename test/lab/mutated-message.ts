import fc from 'fast-check';

/** What hosts could say instead of what a field is to hold. */
const JUNK: readonly unknown[] = [
  ...[
    null,
    true,
    '',
    'x',
    -1,
    0.5,
    1e300,
    Number.MAX_SAFE_INTEGER + 2,
    '\u0000',
    '\ud800',
    '../../etc/passwd',
  ],
  ...[[], {}, [null], { toString: null }, 'x'.repeat(70_000), `e${'\u0301'.repeat(70_000)}`],
  ...[
    { state: 'read' },
    Array.from({ length: 3_000 }, () => 'x'),
    JSON.parse('{"__proto__": {"host": "y"}}'),
  ],
];

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy in which the value at the path is another one; `undefined` takes the field away. */
function replaced(value: unknown, [key, ...rest]: Path, junk: unknown): unknown {
  if (key === undefined) return junk;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, junk);
  if (copy[key] === undefined) delete copy[key];
  return copy;
}

/**
 * A message in which one value, at any depth, is missing or is something else; or a field is there that
 * nobody knows.
 */
export function mutatedMessage(message: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(message);
  return fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom(undefined, ...JUNK), fc.boolean())
    .map(([path, junk, adds]) => {
      const at = adds ? [...path.slice(0, -1), 'unheardOf'] : path;
      return JSON.parse(JSON.stringify(replaced(message, at, junk) ?? null));
    });
}
