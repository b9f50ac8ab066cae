import fc from 'fast-check';

/**
 * Texts that have broken other clouds: control characters, other scripts, paths, SQL, templates, and sizes at
 * usual limits.
 */
const TEXTS: readonly string[] = [
  ...['', ' ', '\u0000', '\u001b[31m', '\ud800', '\ufffe', 'é', '名前', '🎫', '\u202e', 'a\nb', '%00', '%', '{}', '[]'],
  ...["' OR 1=1 --", '../../etc/passwd', '/etc/passwd', '{{7*7}}', '$' + '{x}', '-1', '1e309', 'NaN', 'null', 'None'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'hw:unique_serial', 'hw_unique_serial', 'true'],
  ...['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(65_536), '('.repeat(3_000), 'a,'.repeat(2_000)],
  ...['json:{"driver":"file"}', 'nbd://127.0.0.1:1/x', 'file:///etc/passwd', '00000000-0000-0000-0000-000000000000'],
]; // biome-ignore format: a list to read

const NUMBERS: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e20, 1e308],
  ...[1_000, 100_000, 1_000_000],
]; // biome-ignore format: a list to read

/** JSON that is nested more deeply than any request of a client. */
function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Any JSON value, with a liking for those that programs forget. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], { a: null }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 200, 2_000).map(nested) },
  { weight: 1, arbitrary: fc.constantFrom(300, 2_000).map((length) => Array.from({ length }, (_, n) => n)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(129, 1_000)
      .map((length) => Object.fromEntries(Array.from({ length }, (_, n) => [`k${n}`, 'v']))),
  },
);
