import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../model/failure.ts';
import { parsePatch } from './json-patch.ts';

const V1 = 'application/openstack-images-v2.1-json-patch';
const V0 = 'application/openstack-images-v2.0-json-patch';

test('the form of 2.1', () => {
  const operations = parsePatch(`${V1}; charset=utf-8`, [
    { op: 'add', path: '/a~1b~0c', value: 'x' },
    { op: 'replace', path: '/name', value: null },
    { op: 'remove', path: '/foo', value: 'left out of account' },
  ]);
  assert.deepEqual(operations, [
    { op: 'add', key: 'a/b~c', value: 'x' },
    { op: 'replace', key: 'name', value: null },
    { op: 'remove', key: 'foo' },
  ]);
});

test('the form of 2.0', () => {
  const operations = parsePatch(V0, [{ add: '/a', value: 'x' }, { remove: '/b' }]);
  assert.deepEqual(operations, [
    { op: 'add', key: 'a', value: 'x' },
    { op: 'remove', key: 'b' },
  ]);
});

const refused: [string, string | undefined, unknown, string][] = [
  ['plain JSON', 'application/json', [], 'unsupported-media'],
  ['another version', 'application/openstack-images-v2.2-json-patch', [], 'unsupported-media'],
  ['no type', undefined, [], 'unsupported-media'],
  ['no array', V1, { op: 'add' }, 'invalid'],
  ['nothing', V1, undefined, 'invalid'],
  ['no object', V1, ['add'], 'invalid'],
  ['no op', V1, [{ path: '/a', value: 'x' }], 'invalid'],
  ['an op that there is not', V1, [{ op: 'move', path: '/a', from: '/b' }], 'invalid'],
  ['no path', V1, [{ op: 'add', value: 'x' }], 'invalid'],
  ['a path that is no text', V1, [{ op: 'add', path: 1, value: 'x' }], 'invalid'],
  ['no slash', V1, [{ op: 'add', path: 'a', value: 'x' }], 'invalid'],
  ['the whole document', V1, [{ op: 'add', path: '', value: {} }], 'invalid'],
  ['an empty key', V1, [{ op: 'add', path: '/', value: 'x' }], 'invalid'],
  ['two keys', V1, [{ op: 'add', path: '/tags/0', value: 'x' }], 'invalid'],
  ['an unknown escape', V1, [{ op: 'add', path: '/a~2', value: 'x' }], 'invalid'],
  ['no value', V1, [{ op: 'add', path: '/a' }], 'invalid'],
  ['two operations in one of 2.0', V0, [{ add: '/a', remove: '/a', value: 'x' }], 'invalid'],
  ['none in one of 2.0', V0, [{ value: 'x' }], 'invalid'],
];
for (const [title, type, body, kind] of refused)
  test(`refused: ${title}`, () => assert.throws(() => parsePatch(type, body), { kind }));

test('any JSON gives operations or a refusal', () => {
  fc.assert(
    fc.property(fc.constantFrom(V0, V1), fc.jsonValue(), (type, body) => {
      try {
        for (const { key } of parsePatch(type, body)) assert.notEqual(key, '');
      } catch (thrown) {
        assert.ok(thrown instanceof Failure);
      }
    }),
  );
});
