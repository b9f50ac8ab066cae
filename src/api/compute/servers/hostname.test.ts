import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hostnameOf, namesOfSeveral } from './hostname.ts';

describe('hostnameOf', () => {
  for (const [name, hostname] of [
    ['web-1', 'web-1'],
    ['My Server_2.example', 'my-server-2-example'],
    ['--a--', 'a'],
    ['a/b<c>', 'abc'],
    ['😀', 'otherwise'],
    ['...', 'otherwise'],
    [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
  ] as const)
    test(name, () => assert.equal(hostnameOf(name, 'otherwise'), hostname));

  test('is a host name, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        assert.match(hostnameOf(name, 'server-x'), /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });
});

test('namesOfSeveral numbers them from 1', () => {
  assert.deepEqual(namesOfSeveral('s', 1), ['s']);
  assert.deepEqual(namesOfSeveral('s', 3), ['s-1', 's-2', 's-3']);
});

test('no name that several servers get is longer than a name may be', () => {
  assert.equal(namesOfSeveral('x'.repeat(253), 9).at(-1)?.length, 255);
  for (const [name, count] of [
    ['x'.repeat(254), 2],
    ['x'.repeat(253), 10],
    ['x'.repeat(255), 1_000_000],
  ] as const)
    assert.throws(() => namesOfSeveral(name, count), { kind: 'invalid', message: /name.*255/ });
  assert.equal(namesOfSeveral('😀'.repeat(253), 9).length, 9, 'characters are counted, not UTF-16 units');
});
