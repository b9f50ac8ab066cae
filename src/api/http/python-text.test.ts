import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pythonRepr, pythonText } from './python-text.ts';

describe('pythonRepr', () => {
  for (const [value, text] of [
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [1.5, '1.5'],
    ['a', "'a'"],
    ["it's", '"it\'s"'],
    [`it's "so"`, `'it\\'s "so"'`],
    ['a\nb\\', "'a\\nb\\\\'"],
    [[1, 'a', null], "[1, 'a', None]"],
    [{ a: { b: [] } }, "{'a': {'b': []}}"],
  ] as const)
    test(text, () => assert.equal(pythonRepr(value), text));

  test('stops where a stack would', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    assert.equal(pythonRepr(deep), `${'['.repeat(16)}…${']'.repeat(16)}`);
  });
});

test('pythonText shows a text bare', () => {
  assert.equal(pythonText('a'), 'a');
  assert.equal(pythonText(['a']), "['a']");
});
