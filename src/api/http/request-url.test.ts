import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { normalUrl } from './request-url.ts';

describe('normalUrl', () => {
  const cases: readonly [raw: string, normal: string | undefined, what: string][] = [
    ['/compute/v2.1//limits', '/compute/v2.1/limits', 'folds doubled slashes'],
    ['//identity///v3//auth/tokens', '/identity/v3/auth/tokens', 'folds them wherever they stand'],
    ['/compute/v2.1/servers//', '/compute/v2.1/servers/', 'leaves one slash at the end'],
    ['/image/v2/images?name=a//b', '/image/v2/images?name=a//b', 'leaves slashes of the query'],
    ['/a//b?c=%2F%2F//', '/a/b?c=%2F%2F//', 'leaves escapes of the query'],
    ['/a/%2F%2f/b', '/a/%2F%2f/b', 'leaves escaped slashes'],
    ['/a/./../b', '/a/./../b', 'leaves dot segments'],
    ['/a/%2e%2E/b', '/a/../b', 'shows escaped dots, and resolves them no more than plain ones'],
    ['/compute/v2%2E1/%73ervers', '/compute/v2.1/servers', 'takes needless escapes away'],
    ['/a/%2525', '/a/%2525', 'leaves an escaped percent sign'],
    ['/a/100%/b?c=100%', '/a/100%25/b?c=100%25', 'takes a stray percent sign for itself'],
    ['/a/caf%E9', undefined, 'refuses escaped Latin-1'],
    ['/a?b=%E9', undefined, 'refuses it in the query'],
    ['/a?b=%ED%A0%80', undefined, 'refuses half of a surrogate pair'],
    ['/a?b=%C0%AF', undefined, 'refuses a slash in two bytes'],
    ['/a?b=x%00', undefined, 'refuses U+0000 in the query'],
    ['*', '*', 'leaves what is no path'],
  ];
  for (const [raw, normal, what] of cases)
    test(`${what}: ${JSON.stringify(raw)}`, () => assert.equal(normalUrl(raw), normal));

  test('of any characters gives UTF-8 without a doubled slash in its path, and changes it no further', () => {
    const part = fc.oneof(
      fc.constantFrom('/', '//', '%', '%2F', '%2f', '%25', '%E9', '?', '.', '%c3%a9'),
      fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const normal = normalUrl(`/${parts.join('')}`);
        if (normal === undefined) return;
        assert.match(normal, /^[\x21-\x7e]+$/);
        assert.doesNotMatch(normal.split('?', 1)[0]!, /\/\//);
        decodeURIComponent(normal);
        assert.equal(normalUrl(normal), normal);
      }),
    );
  });
});
